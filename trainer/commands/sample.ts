// `dcgan sample`: draws a grid of images from a model package.
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { realNumber, wholeNumber } from '../config/rules.ts';
import { UserError } from '../errors.ts';
import { drawSeeds } from '../model-package/draw-seeds.ts';
import { openPackage } from '../model-package/read-package.ts';
import { onDisk } from '../files/disk.ts';
import { emptyGrid, placeImages, writeGrid } from '../pictures/grid.ts';
import { addConditionFlags, wantedOf, type ConditionFlags } from '../command-line/conditions.ts';
import type { CommandContext } from '../command-line/context.ts';
import { flagValue } from '../command-line/options.ts';
import { shownPath } from '../command-line/outputs.ts';
import { parseSeeds } from '../command-line/seeds.ts';

/** The command's flags, as text. */
interface SampleFlags extends ConditionFlags {
  readonly seeds: string;
  readonly out: string;
  readonly columns?: string;
  readonly scale: string;
  readonly truncation: string;
  readonly json?: true;
}

const mostPixels = 100_000_000;

/** Adds `sample` to the program. */
export function addSampleCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('sample')
    .description('Draw images from a model package, as a grid in a PNG.')
    .argument('<model>', 'a model package: its folder, the model.json in it, or the run that made it')
    .addOption(
      new Option('--seeds <list>', 'which images: a range, a list, or both: 0-63, 1,5,9').default('0-63'),
    )
    .addOption(new Option('--out <file>', 'the PNG to write').default('samples.png'))
    .option('--columns <n>', 'images in a row; without it, the grid is about square')
    .addOption(new Option('--scale <n>', 'pixels in the grid for each pixel of an image').default('1'))
    .addOption(
      new Option(
        '--truncation <x>',
        'scales latents, or the styles of --network stylegan around their mean, 0 to 2: below 1 more typical and less varied, above 1 the other way round',
      ).default('1'),
    )
    .option('--json', 'print one JSON line only');
  addConditionFlags(command)
    .addHelpText(
      'after',
      `
A seed is the same image in every grid, in Node and in a browser.

Examples:
  ${context.invocation('sample')} runs/00001-avatars-dcgan/model
  ${context.invocation('sample')} runs/00001-avatars-dcgan/model --seeds 3,14,15 --columns 3 --scale 4 --out three.png
  ${context.invocation('sample')} runs/00002-fashion-mnist-dcgan-label/model --label boot --seeds 0-15`,
    )
    .action((model: string, flags: SampleFlags) => sample(model, flags, context));
}

async function sample(
  path: string,
  flags: SampleFlags,
  { cwd, print, signal }: CommandContext,
): Promise<void> {
  const seeds = parseSeeds(flags.seeds);
  const scale = flagValue<number>('--scale', flags.scale, wholeNumber(1, 64));
  const truncation = flagValue<number>('--truncation', flags.truncation, realNumber(0, 2));
  const columns =
    flags.columns === undefined
      ? null
      : flagValue<number>('--columns', flags.columns, wholeNumber(1, 10_000));
  const out = resolve(cwd, flags.out);
  if (!/\.png$/i.test(out)) throw new UserError(`--out ${flags.out}: expected the name of a .png file`);

  const opened = await openPackage(resolve(cwd, path));
  const { imageSize, channels } = opened.model;
  const wanted = wantedOf(flags, opened.model);
  const width = (columns ?? Math.ceil(Math.sqrt(seeds.length))) * imageSize * scale;
  const height = Math.ceil((seeds.length * imageSize * scale) / width) * imageSize * scale;
  if (width * height > mostPixels) {
    throw new UserError(
      `the grid would have ${width}x${height} pixels, more than ${mostPixels / 1e6} million; ` +
        'give fewer --seeds, or a smaller --scale or --columns',
    );
  }
  const grid = emptyGrid([seeds.length, imageSize, imageSize, channels], columns ?? undefined);
  let drawn = 0;
  for await (const image of drawSeeds(opened, seeds, signal, wanted, truncation))
    placeImages(grid, image, drawn++);
  await onDisk(
    out,
    () => 'give another --out',
    () => writeGrid(out, grid, scale),
  );
  if (flags.json) {
    print(JSON.stringify({ event: 'done', out, model: opened.folder, images: drawn, width, height }));
  } else {
    print(
      `${drawn} ${drawn === 1 ? 'image' : 'images'} of ${opened.model.name}, ${width}x${height}: ${shownPath(cwd, out)}`,
    );
  }
}
