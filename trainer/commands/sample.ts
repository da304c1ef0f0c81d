// `dcgan sample`: generates a grid of images with a model package.
import { type Channels } from '../../runtime-web/format/image-shape.ts';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import sharp from 'sharp';
import { maxTruncation } from '../../runtime-web/format/max-truncation.ts';
import type { Model } from '../../runtime-web/format/model.ts';
import { anyText, realNumber, someText, wholeNumber } from '../config/rules.ts';
import { UserError } from '../errors.ts';
import { drawSeeds } from '../model-package/draw-seeds.ts';
import { provenanceOf } from '../model-package/provenance.ts';
import { openModel } from '../command-line/open-model.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { onDisk } from '../files/disk.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import { emptyGrid, gridPng, placeImages } from '../pictures/grid.ts';
import { drawSheet, pictureAt } from '../pictures/sheet.ts';
import { marked } from '../pictures/mark.ts';
import { jsonOption, modelArgument, scaleOption } from '../command-line/common-options.ts';
import { conditionOptions, wantedOf } from '../command-line/conditions.ts';
import type { CommandContext } from '../command-line/context.ts';
import { addOptions, option, type FlagsOf } from '../command-line/options.ts';
import { counted, shownPath } from '../command-line/outputs.ts';
import { refuseOverwriting } from '../command-line/refuse-overwriting.ts';
import { parseSeeds } from '../command-line/seeds.ts';

const maxPixels = 100_000_000;

const defaultFile = 'samples.png';
/** Max number of classes that get a column each. */
const maxClassColumns = 32;

const options = [
  option(
    '--seeds <list>',
    'images by seed: a range, a list, or both, such as 0-63 or 1,5,9',
    anyText,
    '0-63',
  ),
  option('--out <file>', 'PNG file to write', someText, defaultFile),
  option('--columns <n>', 'images per row; by default the grid is about square', wholeNumber(1, 10_000)),
  scaleOption,
  option(
    '--truncation <x>',
    `truncation psi, from 0 to ${maxTruncation}: scales latents, or for StyleGAN the distance of styles from their mean; ` +
      'below 1 gives more typical, less varied images',
    realNumber(0, maxTruncation),
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
A seed gives the same image in every grid, in Node and in a browser. A model of classes gets a column
for each class, with its name above; --columns, --label or --where give a plain grid.

Examples:
  ${call} runs/00001-avatars-dcgan-relativistic/model
  ${call} runs/00001-avatars-dcgan-relativistic/model --seeds 3,14,15 --columns 3 --scale 4 --out three.png
  ${call} runs/00002-fashion-mnist-dcgan-label/model --label boot --seeds 0-15
  ${call} runs/00003-people-dcgan-attributes/model --where 'smiling=yes "wavy hair"=no'`,
    )
    .action((model: string, flags: SampleFlags) => sample(model, flags, context));
}

async function sample(path: string, flags: SampleFlags, context: CommandContext): Promise<void> {
  const { cwd, print, signal } = context;
  const { scale, truncation, columns } = flags;
  const seeds = parseSeeds(flags.seeds);
  const out = resolve(cwd, flags.out);
  if (!/\.png$/i.test(out)) throw new UserError(`--out ${flags.out}: expected the name of a .png file`);
  const isReplaced = await refuseOverwriting(out, flags.out);

  const opened = await openModel(resolve(cwd, path), context);
  const { width: wide, height: tall } = opened.model;
  const wanted = wantedOf(flags, opened.model);
  const gridWidth = (columns ?? Math.ceil(Math.sqrt(seeds.length))) * wide * scale;
  const gridHeight = Math.ceil((seeds.length * wide * scale) / gridWidth) * tall * scale;
  if (gridWidth * gridHeight > maxPixels) {
    throw new UserError(
      `the grid would have ${gridWidth}x${gridHeight} pixels, more than ${maxPixels / 1e6} million; ` +
        'give fewer --seeds, or a smaller --scale or --columns',
    );
  }
  const classes =
    columns === null && flags.label === null && flags.where === null
      ? columnClasses(opened.model, seeds)
      : null;
  const images: HostTensor[] = [];
  for await (const image of drawSeeds(opened, seeds, signal, wanted, truncation)) images.push(image);
  const drawn = images.length;
  const png =
    classes === null ? await gridOf(images, columns, scale) : await captionedGrid(images, classes, scale);
  const { width, height } = await sharp(png).metadata();
  // A single image with a name of its own may become data; a grid, or the default file, never does.
  const isSingle = seeds.length === 1 && flags.out !== defaultFile;
  await onDisk(
    out,
    () => 'give another --out',
    () => writeFileAtomically(out, marked(png, { isSingle })),
  );
  const { name, training } = opened.model;
  if (flags.json) {
    print(
      JSON.stringify({
        event: 'done',
        out,
        model: opened.folder,
        step: training?.steps ?? null,
        images: drawn,
        width,
        height,
      }),
    );
  } else {
    print(
      `${counted(drawn, 'image')} of ${name} (${provenanceOf(opened.model)}), ${width}x${height}: ${shownPath(cwd, out)}${isReplaced ? ' (replaced)' : ''}`,
    );
  }
}

/**
 * The class of each column if a grid with a column for each class shows one class a column; null for a model without classes or with
 * too many, and for seeds that do not alternate between all classes.
 */
function columnClasses({ conditioning }: Model, seeds: readonly number[]): readonly string[] | null {
  if (conditioning?.kind !== 'classes') return null;
  const { names } = conditioning;
  const { length } = names;
  if (length > maxClassColumns || seeds.length < length) return null;
  const classOf = (i: number): number => seeds[i]! % length;
  if (seeds.some((_, i) => classOf(i) !== classOf(i % length))) return null;
  const columns = names.map((_, i) => names[classOf(i)]!);
  return new Set(columns).size === length ? columns : null;
}

/** A grid without margins, as a PNG. */
async function gridOf(
  images: readonly HostTensor[],
  columns: number | null,
  scale: number,
): Promise<Uint8Array> {
  const grid = emptyGrid([images.length, ...images[0]!.shape.slice(1)], columns ?? undefined);
  for (const [i, image] of images.entries()) placeImages(grid, image, i);
  return await gridPng(grid, scale);
}

/** Rows of one image of each class, with the classes above, as a PNG. */
async function captionedGrid(
  images: readonly HostTensor[],
  classes: readonly string[],
  scale: number,
): Promise<Uint8Array> {
  const [, height, width, channels] = images[0]!.shape as [number, number, number, Channels];
  const shape = { width, height, channels };
  const pictures = images.map(({ data }) => [pictureAt(data as Float32Array, 0, shape)]);
  const rows = Array.from({ length: Math.ceil(pictures.length / classes.length) }, (_, row) => ({
    ...(row === 0 && { above: classes }),
    groups: pictures.slice(row * classes.length, (row + 1) * classes.length),
  }));
  return await drawSheet(rows, scale);
}
