// `dcgan walk`: interpolates between the latents of seeds and writes strips of images, films, or the latents.
import { sizeText, type ImageSize } from '../../runtime-web/format/image-shape.ts';
import { extname, resolve } from 'node:path';
import type { Command } from 'commander';
import { usualPath, type Latent } from '../../runtime-web/format/latents.ts';
import { maxKeyframes, walkLink } from '../../runtime-web/format/page-link.ts';
import { stripRows } from '../analysis/walks/walks.ts';
import { anyText, oneOf, realNumber, someText, wholeNumber } from '../config/rules.ts';
import { UserError } from '../errors.ts';
import { openModel } from '../command-line/open-model.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { onDisk } from '../files/disk.ts';
import { filmEndings, maxSide, writeFilm } from '../pictures/film.ts';
import { gridPng, writeMarkedGrid } from '../pictures/grid.ts';
import { saveFinding } from '../run/save-finding.ts';
import { jsonOption, modelArgument, scaleOption } from '../command-line/common-options.ts';
import { conditionOptions, wantedOf } from '../command-line/conditions.ts';
import type { CommandContext } from '../command-line/context.ts';
import { drawFilm, drawStrip } from '../analysis/walks/draw.ts';
import {
  addOptions,
  option,
  repeatedOption,
  requiredOption,
  toggle,
  type FlagsOf,
} from '../command-line/options.ts';
import { planOutputs, shownOutputs } from '../command-line/outputs.ts';
import { pageName } from '../command-line/page-name.ts';
import { parseSeeds } from '../command-line/seeds.ts';

const maxPixels = 100_000_000;
const usualSteps = { strip: 10, film: 30 } as const;

const options = [
  requiredOption('--from <seeds>', 'first keyframe; a list such as 3,14,15 makes several walks', anyText),
  requiredOption('--to <seeds>', 'last keyframe; as many as in --from', anyText),
  option('--via <seeds>', 'keyframes in between, in this order; for a single walk', anyText),
  option(
    '--steps <n>',
    `images from one keyframe to the next, both included; by default ${usualSteps.strip} in strips and ${usualSteps.film} in films`,
    wholeNumber(2, 10_000),
  ),
  option(
    '--path <name>',
    'interpolate along a great circle (slerp) or a line; by default slerp for normal latents, linear for uniform ones',
    oneOf('slerp', 'linear'),
  ),
  repeatedOption(
    '--out <place>',
    'a .png strip, a .gif or .webp film, .json latents, or a folder; may be given several times; by default ' +
      "the run's analysis/walk, or walk.png for a model outside a run",
    someText,
  ),
  option('--fps <n>', 'frames per second of a film', realNumber(0.1, 50), 30),
  scaleOption,
  toggle('--once', 'end the film at the last keyframe; by default it returns to the first and repeats'),
  jsonOption,
  ...conditionOptions,
];
type WalkFlags = FlagsOf<typeof options>;

/** Adds `walk` to the program. */
export function addWalkCommand(program: Command, context: CommandContext): void {
  const call = context.invocation('walk');
  const command = program
    .command('walk')
    .description('Interpolate between images in latent space: a strip of images, a film, or the latents.')
    .argument('<model>', modelArgument);
  addOptions(command, options)
    .addHelpText(
      'after',
      `
Keyframes are seeds. The same walk gives the same files.

Examples:
  ${call} runs/00001-avatars-dcgan-relativistic --from 3,14,15 --to 8,9,26 --out strip.png
  ${call} runs/00001-avatars-dcgan-relativistic --from 3 --via 5,9 --to 8 --scale 4 --out walk.webp --out walk.gif --out walk.json`,
    )
    .action((model: string, flags: WalkFlags) => walk(model, flags, context));
}

/** The keyframes of each walk, as seeds. */
function keyframesOf({ from, to, via }: WalkFlags): readonly (readonly number[])[] {
  const [starts, ends] = [parseSeeds(from, '--from'), parseSeeds(to, '--to')];
  if (starts.length !== ends.length) {
    throw new UserError(
      `--to ${to}: ${ends.length} images, expected ${starts.length}, as many as --from has`,
    );
  }
  if (via !== null && starts.length > 1) {
    throw new UserError(`--via ${via}: expected one image in --from and in --to, got ${starts.length}`);
  }
  const between = via === null ? [] : parseSeeds(via, '--via');
  return starts.map((start, i) => [start, ...between, ends[i]!]);
}

async function walk(path: string, flags: WalkFlags, context: CommandContext): Promise<void> {
  const { cwd, print } = context;
  const walks = keyframesOf(flags);
  const { fps, scale } = flags;
  const opened = await openModel(resolve(cwd, path), context);
  const { model, folder: modelFolder } = opened;
  const endings = ['.png', ...filmEndings, '.json'];
  const outputs = await planOutputs({ cwd, out: flags.out, endings, name: 'walk', modelFolder });
  const { files, folder } = outputs;
  const way = flags.path ?? usualPath(model.latent.distribution);
  const wanted = wantedOf(flags, model);
  const strips = { opened, walks, steps: flags.steps ?? usualSteps.strip, path: way, wanted };
  const films = { ...strips, steps: flags.steps ?? usualSteps.film };
  const isClosed = !flags.once;
  const isStripWanted = folder !== null || files.some((file) => endingOf(file) === '.png');
  const filmFiles = files.filter(isFilm);
  const stages = walks.reduce((sum, keyframes) => sum + keyframes.length - 1, 0);
  const size = { width: model.width * scale, height: model.height * scale };
  if (isStripWanted) checkPixels(stages * strips.steps, size);
  if (filmFiles.length > 0) {
    checkPixels((stages + (isClosed ? walks.length : 0)) * films.steps, size);
    for (const file of filmFiles) checkWidth(file, walks.length * size.width);
  }

  const strip = isStripWanted ? await drawStrip(strips, context) : null;
  const film = filmFiles.length > 0 ? await drawFilm(films, isClosed, context) : [];
  const page = await pageName(opened);
  const list = walks.map((seeds) => ({ seeds, link: walkLink(page, seeds, flags.path ?? undefined) }));
  const about = walks.map((keyframes) => keyframes.join(' → ')).join('; ');
  const write = (file: string): Promise<void> => {
    if (isFilm(file)) return writeFilm(file, film, { fps, scale, isLoop: isClosed });
    if (strip !== null && endingOf(file) === '.png') return writeMarkedGrid(file, strip, scale);
    const rows = walks.map((keyframes) => stripRows(model, keyframes, strips));
    const text = JSON.stringify({
      model: model.name,
      path: way,
      steps: strips.steps,
      walks: list.map((entry, i) => ({ ...entry, latents: rows[i]!.map((row) => row.map(shortest)) })),
    });
    return writeFileAtomically(file, `${text}\n`);
  };
  for (const file of files) {
    await onDisk(
      file,
      () => 'give another --out',
      () => write(file),
    );
  }
  if (folder !== null) {
    const lines = way === 'slerp' ? 'great circles' : 'straight lines';
    await saveFinding(
      folder,
      {
        name: 'walk',
        title: 'Walks through latent space',
        step: model.training?.steps,
        summary: `From image to image along ${lines}, ${strips.steps} images a row, both ends included: ${about}.`,
        pictures: [{ file: 'strip.png', content: await gridPng(strip!, scale), caption: about }],
        data: { path: way, steps: strips.steps, walks: list },
      },
      context.warn,
    );
  }
  if (flags.json) {
    const rows = isStripWanted ? stages : 0;
    const report = { event: 'done', model: modelFolder, out: files, finding: folder, path: way, rows };
    return print(JSON.stringify({ ...report, frames: film.length, walks: list }));
  }
  print(`${about}: ${shownOutputs(cwd, outputs)}`);
  for (const { seeds, link } of list) {
    print(
      link === null
        ? `${seeds.length} images are more than the demo shows in a walk (${maxKeyframes})`
        : `in the demo: ${link}`,
    );
  }
}

/** Throws UserError for more pixels than fit into memory. */
function checkPixels(images: number, size: ImageSize): void {
  if (images * size.width * size.height <= maxPixels) return;
  throw new UserError(
    `${images} images of ${sizeText(size)} pixels are more than ${maxPixels / 1e6} million pixels; ` +
      'give fewer --steps or keyframes, or a smaller --scale',
  );
}

/** Throws UserError for a film that is wider than its format allows. */
function checkWidth(file: string, width: number): void {
  const max = maxSide[endingOf(file) as keyof typeof maxSide];
  if (width <= max) return;
  throw new UserError(
    `${file}: frames would be ${width} pixels wide, and its format allows ${max}; ` +
      'give fewer images in --from, or a smaller --scale',
  );
}

const endingOf = (file: string): string => extname(file).toLowerCase();
const isFilm = (file: string): boolean => filmEndings.some((ending) => endingOf(file) === ending);

/** Float32 numbers with as few digits as restore them exactly. */
const shortest = (latent: Latent): number[] => Array.from(latent, (value) => Number(value.toPrecision(9)));
