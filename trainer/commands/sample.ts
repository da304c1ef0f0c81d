// `dcgan sample`: generates a grid of images with a model package.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { anyText, realNumber, someText, wholeNumber } from '../config/rules.ts';
import { UserError } from '../errors.ts';
import { drawSeeds } from '../model-package/draw-seeds.ts';
import { openModel } from '../command-line/open-model.ts';
import { onDisk } from '../files/disk.ts';
import { emptyGrid, placeImages, writeGrid } from '../pictures/grid.ts';
import { jsonOption, modelArgument, scaleOption } from '../command-line/common-options.ts';
import { conditionOptions, wantedOf } from '../command-line/conditions.ts';
import type { CommandContext } from '../command-line/context.ts';
import { addOptions, option, type FlagsOf } from '../command-line/options.ts';
import { counted, shownPath } from '../command-line/outputs.ts';
import { parseSeeds } from '../command-line/seeds.ts';

const maxPixels = 100_000_000;

const options = [
  option(
    '--seeds <list>',
    'images by seed: a range, a list, or both, such as 0-63 or 1,5,9',
    anyText,
    '0-63',
  ),
  option('--out <file>', 'PNG file to write', someText, 'samples.png'),
  option('--columns <n>', 'images per row; by default the grid is about square', wholeNumber(1, 10_000)),
  scaleOption,
  option(
    '--truncation <x>',
    'truncation psi, from 0 to 2: scales latents, or for StyleGAN the distance of styles from their mean; below 1 gives ' +
      'more typical, less varied images',
    realNumber(0, 2),
    1,
  ),
  jsonOption,
  ...conditionOptions,
];
type SampleFlags = FlagsOf<typeof options>;

/** Adds `sample` to the program. */
export function addSampleCommand(program: Command, context: CommandContext): void {
  const call = context.invocation('sample');
  const command = program
    .command('sample')
    .description('Generate images with a model and write them as a grid to a PNG file.')
    .argument('<model>', modelArgument);
  addOptions(command, options)
    .addHelpText(
      'after',
      `
A seed gives the same image in every grid, in Node and in a browser.

Examples:
  ${call} runs/00001-avatars-dcgan/model
  ${call} runs/00001-avatars-dcgan/model --seeds 3,14,15 --columns 3 --scale 4 --out three.png
  ${call} runs/00002-fashion-mnist-dcgan-label/model --label boot --seeds 0-15`,
    )
    .action((model: string, flags: SampleFlags) => sample(model, flags, context));
}

async function sample(path: string, flags: SampleFlags, context: CommandContext): Promise<void> {
  const { cwd, print, signal } = context;
  const { scale, truncation, columns } = flags;
  const seeds = parseSeeds(flags.seeds);
  const out = resolve(cwd, flags.out);
  if (!/\.png$/i.test(out)) throw new UserError(`--out ${flags.out}: expected the name of a .png file`);

  const opened = await openModel(resolve(cwd, path), context);
  const { imageSize, channels } = opened.model;
  const wanted = wantedOf(flags, opened.model);
  const width = (columns ?? Math.ceil(Math.sqrt(seeds.length))) * imageSize * scale;
  const height = Math.ceil((seeds.length * imageSize * scale) / width) * imageSize * scale;
  if (width * height > maxPixels) {
    throw new UserError(
      `the grid would have ${width}x${height} pixels, more than ${maxPixels / 1e6} million; ` +
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
  const step = opened.model.training.steps;
  if (flags.json) {
    print(JSON.stringify({ event: 'done', out, model: opened.folder, step, images: drawn, width, height }));
  } else {
    print(
      `${counted(drawn, 'image')} of ${opened.model.name} (step ${step}), ${width}x${height}: ${shownPath(cwd, out)}`,
    );
  }
}
