// `dcgan sample`: generates images with a model package, as a grid or one by one into a folder or zip.
import { sizeText, type ImageSize } from '../../../runtime-web/format/image-shape.ts';
import { labelsName } from '../../data/folder-layout.ts';
import { stat } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import type { Command } from 'commander';
import sharp from 'sharp';
import { maxTruncation } from '../../../runtime-web/format/max-truncation.ts';
import { anyText, realNumber, someText, wholeNumber } from '../../config/rules.ts';
import { UserError } from '../../errors.ts';
import { drawSeeds } from '../../model-package/draw-seeds.ts';
import { provenanceOf } from '../../model-package/provenance.ts';
import { openModel } from '../../command-line/open-model.ts';
import { writeFileAtomically } from '../../files/atomic-file.ts';
import { onDisk } from '../../files/disk.ts';
import type { HostTensor } from '../../graph/trace/graph.ts';
import { emptyGrid, gridPng, placeImages } from '../../pictures/grid.ts';
import { classRows, columnClasses, picturesOf } from '../../pictures/class-columns.ts';
import { drawSheet } from '../../pictures/sheet.ts';
import { marked } from '../../pictures/mark.ts';
import { jsonOption, modelArgument, resampleOption, scaleOption } from '../../command-line/common-options.ts';
import { conditionOptions, wantedOf } from '../../command-line/conditions.ts';
import type { CommandContext } from '../../command-line/context.ts';
import { addOptions, option, type FlagsOf } from '../../command-line/options.ts';
import { counted, shownPath } from '../../command-line/outputs.ts';
import { refuseOverwriting } from '../../command-line/refuse-overwriting.ts';
import { parseSeeds } from '../../command-line/seeds.ts';
import { enlarged } from '../../data/enlarge.ts';
import type { ModelPackage } from '../../model-package/read-package.ts';
import type { MadeBy } from './dataset-json.ts';
import { lookAtFolder, writeImageFolder } from './image-folder.ts';
import { writeImageZip } from './image-zip.ts';
import { imagesBySeed } from './sampled-images.ts';

const maxPixels = 100_000_000;

const defaultFile = 'samples.png';

const options = [
  option(
    '--seeds <list>',
    'images by seed: a range, a list, or both, such as 0-63 or 1,5,9',
    anyText,
    '0-63',
  ),
  option(
    '--out <place>',
    'a .png for a grid; a folder or a .zip for a file of each image and their labels',
    someText,
    defaultFile,
  ),
  option(
    '--columns <n>',
    'images per row of a grid; by default the grid is about square',
    wholeNumber(1, 10_000),
  ),
  scaleOption,
  resampleOption,
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
    .description('Generate images with a model: a grid, or a folder or zip of single images.')
    .argument('<model>', modelArgument);
  addOptions(command, options)
    .addHelpText(
      'after',
      `
A seed gives the same image in every grid, in Node and in a browser. A model of classes gets a column
for each class, with its name above; --columns, --label or --where give a plain grid.

Single images are named after their seeds; classes or conditions are in dataset.json beside them, which
train and evaluate read. A folder of an earlier call is completed if model and settings are the same,
and replaced if not. A folder with anything else in it is refused.

Examples:
  ${call} runs/00001-avatars-dcgan-relativistic/model
  ${call} runs/00001-avatars-dcgan-relativistic/model --seeds 3,14,15 --columns 3 --scale 4 --out three.png
  ${call} runs/00002-fashion-mnist-dcgan-label/model --label boot --seeds 0-15
  ${call} runs/00002-fashion-mnist-dcgan-label/model --seeds 0-9999 --out generated/
  ${call} runs/00003-people-dcgan-attributes/model --where 'smiling=yes "wavy hair"=no'`,
    )
    .action((model: string, flags: SampleFlags) => sample(model, flags, context));
}

async function sample(path: string, flags: SampleFlags, context: CommandContext): Promise<void> {
  const seeds = parseSeeds(flags.seeds);
  const out = resolve(context.cwd, flags.out);
  const form = await formOf(out, flags);
  const isReplaced = form === 'folder' ? false : await refuseOverwriting(out, flags.out);
  const earlier = form === 'folder' ? await lookAtFolder(out, flags.out) : null;
  const opened = await openModel(resolve(context.cwd, path), context);
  const { model, folder } = opened;
  const { truncation, scale, resample } = flags;
  const madeBy: MadeBy = {
    command: 'dcgan sample',
    model: model.name,
    generator: model.files.generator.sha256,
    ...{ truncation, scale, resample },
    wanted: wantedOf(flags, model),
  };
  const size = { width: model.width * scale, height: model.height * scale };
  const step = model.training?.steps ?? null;
  const facts = { event: 'done', out, model: folder, step };
  const about = `of ${model.name} (${provenanceOf(model)}), ${sizeText(size)}: ${shownPath(context.cwd, out)}`;
  const tell = (more: object, text: string): void =>
    context.print(flags.json ? JSON.stringify({ ...facts, ...more }) : text);

  if (form === 'grid') {
    const made = await writeGrid(out, { opened, seeds, madeBy, flags }, context);
    const replaced = isReplaced ? ' (replaced)' : '';
    const where = `${sizeText(made)}: ${shownPath(context.cwd, out)}${replaced}`;
    const text = `${counted(seeds.length, 'image')} of ${model.name} (${provenanceOf(model)}), ${where}`;
    return tell({ images: seeds.length, ...made }, text);
  }
  const images = imagesBySeed(seeds);
  const sampled = { opened, images, madeBy };
  const labels =
    model.conditioning === null ? '' : `; labels in ${labelsName}, which train and evaluate read`;
  if (form === 'zip') {
    await writeImageZip(out, sampled, context);
    const text = `${counted(images.size, 'image')} ${about}${isReplaced ? ' (replaced)' : ''}${labels}`;
    return tell({ images: images.size, ...size }, text);
  }
  const { all, kept, replaced } = await writeImageFolder(out, sampled, earlier, context);
  const notes = [
    ...(kept > 0 ? [`${kept} were there`] : []),
    ...(all > images.size ? [`${all} in the folder now`] : []),
    ...(replaced > 0 ? [`replaced ${counted(replaced, 'image')} of another model or other settings`] : []),
  ];
  const text = `${counted(images.size, 'image')} ${about}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}${labels}`;
  tell({ images: images.size, kept, replaced, all, ...size }, text);
}

/** The form of the output at `out`. Throws UserError for another ending, and for --columns of single images. */
async function formOf(
  out: string,
  flags: Pick<SampleFlags, 'out' | 'columns'>,
): Promise<'grid' | 'zip' | 'folder'> {
  const ending = extname(out).toLowerCase();
  const isFolder = /[\\/]$/.test(flags.out) || (await stat(out).catch(() => null))?.isDirectory() === true;
  const form =
    isFolder || ending === '' ? 'folder' : ending === '.png' ? 'grid' : ending === '.zip' ? 'zip' : null;
  if (form === null) {
    throw new UserError(
      `--out ${flags.out}: expected the name of a .png for a grid, a .zip, or a folder such as ${flags.out}/`,
    );
  }
  if (form !== 'grid' && flags.columns !== null) {
    throw new UserError(
      `--columns ${flags.columns}: is for a grid, and --out ${flags.out} is a ${form}; leave it out, or give a .png`,
    );
  }
  return form;
}

/** The images of a grid, and its flags. */
interface GridPlan {
  readonly opened: ModelPackage;
  readonly seeds: readonly number[];
  readonly madeBy: MadeBy;
  readonly flags: Pick<SampleFlags, 'out' | 'columns' | 'label' | 'where'>;
}

/** Writes the images as one picture. Throws UserError for one that is too large. */
async function writeGrid(
  out: string,
  { opened, seeds, madeBy, flags }: GridPlan,
  context: CommandContext,
): Promise<ImageSize> {
  const { columns } = flags;
  const { model } = opened;
  const { wanted, truncation, scale } = madeBy;
  const gridWidth = (columns ?? Math.ceil(Math.sqrt(seeds.length))) * model.width * scale;
  const gridHeight = Math.ceil((seeds.length * model.width * scale) / gridWidth) * model.height * scale;
  if (gridWidth * gridHeight > maxPixels) {
    throw new UserError(
      `the grid would have ${gridWidth}x${gridHeight} pixels, more than ${maxPixels / 1e6} million; ` +
        'give fewer --seeds, a smaller --scale or --columns, or a folder or .zip as --out',
    );
  }
  const isPlain = columns !== null || flags.label !== null || flags.where !== null;
  const classes = isPlain ? null : columnClasses(model, seeds);
  const images: HostTensor[] = [];
  for await (const image of drawSeeds(opened, seeds, context.signal, wanted, truncation)) {
    images.push(enlarged(image, madeBy));
  }
  const png =
    classes === null
      ? await gridOf(images, columns)
      : await drawSheet(classRows(images.flatMap(picturesOf), classes), 1);
  // A single image with a name of its own may become data; a grid, or the default file, never does.
  const isSingle = seeds.length === 1 && flags.out !== defaultFile;
  await onDisk(
    out,
    () => 'give another --out',
    () => writeFileAtomically(out, marked(png, { isSingle })),
  );
  const { width, height } = await sharp(png).metadata();
  return { width, height };
}

/** A grid without margins, as a PNG. */
async function gridOf(images: readonly HostTensor[], columns: number | null): Promise<Uint8Array> {
  const grid = emptyGrid([images.length, ...images[0]!.shape.slice(1)], columns ?? undefined);
  for (const [i, image] of images.entries()) placeImages(grid, image, i);
  return await gridPng(grid);
}
