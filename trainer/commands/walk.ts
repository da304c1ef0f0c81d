// `dcgan walk`: interpolates between the latents of seeds, as strips of pictures, as films, and as numbers.
import { extname, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { usualPath, type Latent, type Path } from '../../runtime-web/format/latents.ts';
import { maxKeyframes, walkLink } from '../../runtime-web/format/page-link.ts';
import { stripRows } from '../analysis/walks/walks.ts';
import { realNumber, wholeNumber } from '../config/rules.ts';
import { UserError } from '../errors.ts';
import { openPackage } from '../model-package/read-package.ts';
import { writeAtomically, writeFully } from '../files/atomic-file.ts';
import { onDisk } from '../files/disk.ts';
import { filmEndings, mostSide, writeFilm } from '../pictures/film.ts';
import { gridPng, writeGrid } from '../pictures/grid.ts';
import { saveFinding } from '../run/save-finding.ts';
import { addConditionFlags, wantedOf, type ConditionFlags } from '../command-line/condition-flags.ts';
import type { CommandContext } from '../command-line/context.ts';
import { drawFilm, drawStrip } from '../analysis/walks/draw.ts';
import { flagValue } from '../command-line/flags.ts';
import { planOutputs, several, shownPath } from '../command-line/outputs.ts';
import { pageName } from '../command-line/page-name.ts';
import { parseSeeds } from '../command-line/seed-list.ts';

/** The command's flags, as text. */
interface WalkFlags extends ConditionFlags {
  readonly from: string;
  readonly to: string;
  readonly via?: string;
  readonly steps?: string;
  readonly path?: Path;
  readonly out?: readonly string[];
  readonly fps: string;
  readonly scale: string;
  readonly once?: true;
  readonly json?: true;
}

const mostPixels = 100_000_000;
const usualSteps = { strip: 10, film: 30 } as const;

/** Adds `walk` to the program. */
export function addWalkCommand(program: Command, context: CommandContext): void {
  const call = context.invocation('walk');
  const command = program
    .command('walk')
    .description('Walk from image to image through latent space: a strip of pictures, a film, or numbers.')
    .argument('<model>', 'a model package: its folder, the model.json in it, or the run that made it')
    .requiredOption('--from <seeds>', 'the image to start at; a list, for as many rows: 3 or 3,14,15')
    .requiredOption('--to <seeds>', 'the image to end at; as many as --from has')
    .option('--via <seeds>', 'images to come by on the way, where there is one row')
    .option(
      '--steps <n>',
      `pictures from stop to stop, both included; without it, ${usualSteps.strip} in strips and ${usualSteps.film} in films`,
    )
    .addOption(
      new Option(
        '--path <how>',
        'along a great circle or a line; without it, slerp where latents are normal',
      ).choices(['slerp', 'linear']),
    )
    .option(
      '--out <place>',
      'a .png strip, a .gif or .webp film, .json numbers, or a folder; may be given several times; ' +
        "without it, the run's analysis/walk, or walk.png",
      several,
    )
    .addOption(new Option('--fps <n>', 'frames in a second of a film').default('30'))
    .addOption(new Option('--scale <n>', 'pixels for each pixel of an image').default('1'))
    .option(
      '--once',
      'a film that ends at the last stop; without it, it goes on to the first and round for ever',
    )
    .option('--json', 'print one JSON line only');
  addConditionFlags(command)
    .addHelpText(
      'after',
      `
Nothing is drawn by chance: a seed is the same image everywhere, and the same walk is the same pictures.

Examples:
  ${call} runs/00001-avatars-dcgan --from 3,14,15 --to 8,9,26 --out strip.png
  ${call} runs/00001-avatars-dcgan --from 3 --via 5,9 --to 8 --scale 4 --out walk.webp --out walk.gif --out walk.json`,
    )
    .action((model: string, flags: WalkFlags) => walk(model, flags, context));
}

/** The stops of each walk. */
function stopsOf({ from, to, via }: WalkFlags): readonly (readonly number[])[] {
  const [starts, ends] = [parseSeeds(from, '--from'), parseSeeds(to, '--to')];
  if (starts.length !== ends.length) {
    throw new UserError(
      `--to ${to}: ${ends.length} images, expected ${starts.length}, as many as --from has`,
    );
  }
  if (via !== undefined && starts.length > 1) {
    throw new UserError(`--via ${via}: expected one image in --from and in --to, got ${starts.length}`);
  }
  const between = via === undefined ? [] : parseSeeds(via, '--via');
  return starts.map((start, i) => [start, ...between, ends[i]!]);
}

async function walk(path: string, flags: WalkFlags, context: CommandContext): Promise<void> {
  const { cwd, print } = context;
  const walks = stopsOf(flags);
  const asked =
    flags.steps === undefined ? null : flagValue<number>('--steps', flags.steps, wholeNumber(2, 10_000));
  const fps = flagValue<number>('--fps', flags.fps, realNumber(0.1, 50));
  const scale = flagValue<number>('--scale', flags.scale, wholeNumber(1, 64));
  const opened = await openPackage(resolve(cwd, path));
  const { model, folder: modelFolder } = opened;
  const endings = ['.png', ...filmEndings, '.json'];
  const { files, folder } = await planOutputs({ cwd, out: flags.out, endings, name: 'walk', modelFolder });
  const way = flags.path ?? usualPath(model.latent.distribution);
  const wanted = wantedOf(flags, model);
  const strips = { opened, walks, steps: asked ?? usualSteps.strip, path: way, wanted };
  const films = { ...strips, steps: asked ?? usualSteps.film };
  const isClosed = flags.once !== true;
  const isStripWanted = folder !== null || files.some((file) => endingOf(file) === '.png');
  const filmFiles = files.filter(isFilm);
  const stages = walks.reduce((sum, stops) => sum + stops.length - 1, 0);
  const side = model.imageSize * scale;
  if (isStripWanted) checkPixels(stages * strips.steps, side);
  if (filmFiles.length > 0) {
    checkPixels((stages + (isClosed ? walks.length : 0)) * films.steps, side);
    for (const file of filmFiles) checkWidth(file, walks.length * side);
  }

  const strip = isStripWanted ? await drawStrip(strips, context) : null;
  const film = filmFiles.length > 0 ? await drawFilm(films, isClosed, context) : [];
  const page = await pageName(opened);
  const list = walks.map((seeds) => ({ seeds, link: walkLink(page, seeds, flags.path) }));
  const about = walks.map((stops) => stops.join(' → ')).join('; ');
  const write = (file: string): Promise<void> => {
    if (isFilm(file)) return writeFilm(file, film, { fps, scale, isLoop: isClosed });
    if (strip !== null && endingOf(file) === '.png') return writeGrid(file, strip, scale);
    const rows = walks.map((stops) => stripRows(model, stops, strips));
    const text = JSON.stringify({
      model: model.name,
      path: way,
      steps: strips.steps,
      walks: list.map((entry, i) => ({ ...entry, latents: rows[i]!.map((row) => row.map(shortest)) })),
    });
    return writeAtomically(file, (handle) => writeFully(handle, new TextEncoder().encode(`${text}\n`)));
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
    await saveFinding(folder, {
      name: 'walk',
      title: 'Walks through latent space',
      summary: `From image to image along ${lines}, ${strips.steps} pictures a row, both ends included: ${about}.`,
      pictures: [{ file: 'strip.png', content: await gridPng(strip!, scale), caption: about }],
      data: { path: way, steps: strips.steps, walks: list },
    });
  }
  if (flags.json === true) {
    const rows = isStripWanted ? stages : 0;
    const report = { event: 'done', model: modelFolder, out: files, finding: folder, path: way, rows };
    return print(JSON.stringify({ ...report, frames: film.length, walks: list }));
  }
  const places = [...files, ...(folder === null ? [] : [folder])];
  print(`${about}: ${places.map((place) => shownPath(cwd, place)).join(', ')}`);
  for (const { seeds, link } of list) {
    print(
      link === null
        ? `${seeds.length} stops are more than the demo's room takes (${maxKeyframes})`
        : `in the demo: ${link}`,
    );
  }
}

/** Throws UserError for more pixels than can be held. */
function checkPixels(pictures: number, side: number): void {
  if (pictures * side * side <= mostPixels) return;
  throw new UserError(
    `${pictures} pictures of ${side}x${side} pixels are more than ${mostPixels / 1e6} million pixels; ` +
      'give fewer --steps or stops, or a smaller --scale',
  );
}

/** Throws UserError for a film that is wider than its format allows. */
function checkWidth(file: string, width: number): void {
  const most = mostSide[endingOf(file) as keyof typeof mostSide];
  if (width <= most) return;
  throw new UserError(
    `${file}: frames would be ${width} pixels wide, and its format allows ${most}; ` +
      'give fewer images in --from, or a smaller --scale',
  );
}

const endingOf = (file: string): string => extname(file).toLowerCase();
const isFilm = (file: string): boolean => filmEndings.some((ending) => endingOf(file) === ending);

/** Float32 numbers in as few digits as give them back. */
const shortest = (latent: Latent): number[] => Array.from(latent, (value) => Number(value.toPrecision(9)));
