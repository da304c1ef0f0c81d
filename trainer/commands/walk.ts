// `dcgan walk`: interpolates between the latents of seeds and writes strips of images, films, or the latents.
import { sizeText, type ImageSize } from '../../runtime-web/format/image-shape.ts';
import { extname, resolve } from 'node:path';
import type { Command } from 'commander';
import { usualPath, type Latent } from '../../runtime-web/format/latents.ts';
import type { Model } from '../../runtime-web/format/model.ts';
import { maxKeyframes, walkLink } from '../../runtime-web/format/page-link.ts';
import { stripRows } from '../analysis/walks/walks.ts';
import { anyText, oneOf, realNumber, someText, wholeNumber } from '../config/rules.ts';
import { UserError } from '../errors.ts';
import { openModel } from '../command-line/open-model.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { onDisk } from '../files/disk.ts';
import { filmEndings, maxSide, writeFilm } from '../pictures/film.ts';
import { maxClassColumns } from '../pictures/class-columns.ts';
import { gridPng, writeMarkedGrid } from '../pictures/grid.ts';
import { saveFinding } from '../run/save-finding.ts';
import { jsonOption, modelArgument, resampleOption, scaleOption } from '../command-line/common-options.ts';
import { conditionOptions, wantedOf } from '../command-line/conditions.ts';
import type { CommandContext } from '../command-line/context.ts';
import { drawFilm, drawStrip, frameSize, type WalkPlan } from '../analysis/walks/draw.ts';
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

/** Max pixels of a strip, and of all frames of a film. */
const maxPixels = { strip: 100_000_000, film: 500_000_000 } as const;
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
  resampleOption,
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
Keyframes are seeds. The same walk gives the same files. Walks of different classes have their names beside
the rows of a strip and above the columns of a film; --label all takes the same walk through every class.

Examples:
  ${call} runs/00001-avatars-dcgan-relativistic --from 3,14,15 --to 8,9,26 --out strip.png
  ${call} runs/00001-avatars-dcgan-relativistic --from 3 --via 5,9 --to 8 --scale 4 --out walk.webp --out walk.gif --out walk.json
  ${call} runs/00002-fashion-mnist-dcgan-label --from 3 --to 8 --label all --scale 4 --resample lanczos --out walk.webp`,
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
  const through = classesOf(model, walks, flags);
  const enlargement = { scale, resample: flags.resample };
  const strips = { ...through, opened, steps: flags.steps ?? usualSteps.strip, path: way, enlargement };
  const films = { ...strips, steps: flags.steps ?? usualSteps.film };
  const isClosed = !flags.once;
  const isStripWanted = folder !== null || files.some((file) => endingOf(file) === '.png');
  const filmFiles = files.filter(isFilm);
  const stages = through.walks.reduce((sum, keyframes) => sum + keyframes.length - 1, 0);
  if (isStripWanted) {
    checkPixels(stages * strips.steps, { width: model.width * scale, height: model.height * scale }, 'strip');
  }
  if (filmFiles.length > 0) {
    const size = frameSize(films);
    const parts = walks[0]!.length - (isClosed ? 0 : 1);
    for (const file of filmFiles) checkWidth(file, size.width);
    checkPixels(parts * films.steps, size, 'film');
  }

  const strip = isStripWanted ? await drawStrip(strips, context) : null;
  const film = filmFiles.length > 0 ? await drawFilm(films, isClosed, context) : null;
  const page = await pageName(opened);
  const list = walks.map((seeds) => ({ seeds, link: walkLink(page, seeds, flags.path ?? undefined) }));
  const seedsText = walks.map((keyframes) => keyframes.join(' → ')).join('; ');
  const about = through.walks.length > walks.length ? `${seedsText}, through every class` : seedsText;
  const write = (file: string): Promise<void> => {
    if (film !== null && isFilm(file)) return writeFilm(file, film, { fps, isLoop: isClosed });
    if (strip !== null && endingOf(file) === '.png') return writeMarkedGrid(file, strip);
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
        pictures: [{ file: 'strip.png', content: await gridPng(strip!), caption: about }],
        data: { path: way, steps: strips.steps, walks: list },
      },
      context.warn,
    );
  }
  if (flags.json) {
    const rows = isStripWanted ? stages : 0;
    const report = { event: 'done', model: modelFolder, out: files, finding: folder, path: way, rows };
    return print(JSON.stringify({ ...report, frames: film?.frames ?? 0, walks: list }));
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

/**
 * The walks with their conditions: a walk has that of its first keyframe, or the wanted one; with `--label all` each walk occurs once for
 * each class. Walks that differ in class have captions. Throws UserError for a condition that the model does not have.
 */
function classesOf(
  model: Model,
  walks: readonly (readonly number[])[],
  flags: WalkFlags,
): Pick<WalkPlan, 'walks' | 'conditionIndices' | 'wanted' | 'captions'> {
  const { conditioning } = model;
  const classes = conditioning?.kind === 'classes' ? conditioning.names : [];
  const firsts = walks.map(([first]) => first!);
  const isEach = flags.label?.toLowerCase() === 'all' && classes.length > 0 && !classes.includes(flags.label);
  if (!isEach || flags.where !== null || flags.code !== null) {
    const wanted = wantedOf(flags, model);
    const names = firsts.map((first) => classes[first % classes.length]!);
    const isMixed = Object.keys(wanted).length === 0 && new Set(names).size > 1;
    return { walks, conditionIndices: firsts, wanted, captions: isMixed ? names : null };
  }
  const columns = walks.length * classes.length;
  if (columns > maxClassColumns) {
    throw new UserError(
      `--label ${flags.label}: ${walks.length} walks through ${classes.length} classes are ${columns} side by side, ` +
        `expected ${maxClassColumns} at most; give a single walk, or one class`,
    );
  }
  return {
    walks: walks.flatMap((keyframes) => classes.map(() => keyframes)),
    conditionIndices: walks.flatMap(() => classes.map((_, i) => i)),
    wanted: {},
    captions: walks.flatMap(() => classes),
  };
}

/** Throws UserError for more pixels than fit into memory. */
function checkPixels(images: number, size: ImageSize, of: keyof typeof maxPixels): void {
  if (images * size.width * size.height <= maxPixels[of]) return;
  throw new UserError(
    `${images} images of ${sizeText(size)} pixels are more than ${maxPixels[of] / 1e6} million pixels; ` +
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
