// `dcgan evaluate A B`: how far the images of one set are from those of another, by a network's features, with the whole protocol.
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { parseModel, type Metric, type Model } from '../../runtime-web/format/model.ts';
import { wholeNumber } from '../config/rules.ts';
import { UserError } from '../errors.ts';
import { modelFileName } from '../model-package/package-folder.ts';
import { compareSets, partsOf, type SetComparison } from '../metrics/compare-sets.ts';
import { openFeatureNetwork } from '../metrics/feature-network.ts';
import { lookAtImages, openImageSet, type ImageSet, type ImageSetFacts } from '../metrics/image-set.ts';
import { parseLayerWeights } from '../metrics/layer-weights.ts';
import { measureMore, type MoreFigures } from '../metrics/measure-more.ts';
import { writeAtomically, writeFully } from '../files/atomic-file.ts';
import { onDisk } from '../files/disk.ts';
import type { Finding } from '../findings/findings.ts';
import { openRunFolder } from '../run/run-folder.ts';
import { findingFolder, saveFinding } from '../run/save-finding.ts';
import type { CommandContext } from '../command-line/context.ts';
import { flagValue } from '../command-line/options.ts';

interface EvaluateFlags {
  readonly network?: string;
  readonly count: string;
  readonly imageSize?: string;
  readonly seed: string;
  readonly diversity?: true;
  readonly pairs?: true;
  readonly layerWeights?: string;
  readonly pathLength?: true;
  readonly neighbours: string;
  readonly write?: true;
  readonly out?: string;
  readonly json?: true;
}

/** Adds `evaluate` to the program. */
export function addEvaluateCommand(program: Command, context: CommandContext): void {
  const call = context.invocation('evaluate');
  program
    .command('evaluate')
    .description(
      'Measure how far images are from others: Fréchet and kernel distance, precision, recall and more.',
    )
    .argument('<a>', 'what is judged: a model package, a run, or images (folder, zip, IDX, …)')
    .argument('[b]', 'what it is judged by; without it, the data that the run was trained on')
    .option(
      '--network <file>',
      'an ONNX file whose features are compared; without it, the one that comes along',
    )
    .addOption(new Option('--count <n>', 'images of each, at most').default('10000'))
    .option(
      '--image-size <n>',
      "side that images are brought to; without it, the model's, or the images' own",
    )
    .addOption(new Option('--seed <n>', 'of which images are taken, and of all random numbers').default('0'))
    .option('--diversity', 'how different two random images of A look, and of B')
    .option('--pairs', 'how different image 1 of A and image 1 of B look, 2 and 2, …, by file name')
    .option('--layer-weights <file>', "learned weights of the network's layers, for those two (LPIPS)")
    .option('--path-length', 'how evenly pictures change on the way between latents; A must be a model')
    .addOption(
      new Option('--neighbours <n>', 'show the n images of A that are nearest to one of B').default('0'),
    )
    .option('--write', "keep the figures in the model's model.json")
    .option('--out <dir>', 'where the tables and pictures go; without it, into the run')
    .option('--json', 'print one JSON line only')
    .addHelpText(
      'after',
      `
Figures are comparable only where network, counts and preprocessing are the same; all are told with them.

Examples:
  ${call} runs/00001-avatars-dcgan
  ${call} runs/00002-photos-dcgan photos --neighbours 16
  ${call} photos other-photos --network squeezenet1.1.onnx --count 5000`,
    )
    .action((a: string, b: string | undefined, flags: EvaluateFlags) => evaluate(a, b, flags, context));
}

async function evaluate(
  given: string,
  other: string | undefined,
  flags: EvaluateFlags,
  context: CommandContext,
): Promise<void> {
  const { cwd, print, signal } = context;
  const count = flagValue<number>('--count', flags.count, wholeNumber(2, 10_000_000));
  const seed = flagValue<number>('--seed', flags.seed, wholeNumber(0, 2 ** 31 - 1));
  const neighbours = flagValue<number>('--neighbours', flags.neighbours, wholeNumber(0, 256));
  const size =
    flags.imageSize === undefined
      ? null
      : flagValue<number>('--image-size', flags.imageSize, wholeNumber(8, 1024));
  const pathA = imagesPath(cwd, given);
  const pathB = other === undefined ? await trainingData(pathA, given) : imagesPath(cwd, other);
  const [factsA, factsB] = [await lookAtImages(pathA, signal), await lookAtImages(pathB, signal)];
  if (flags.pathLength === true && factsA.kind !== 'model') {
    throw new UserError(`--path-length: ${given} is no model; paths go between latents`);
  }
  const network = await openFeatureNetwork(flags.network === undefined ? null : resolve(cwd, flags.network));
  const opened: ImageSet[] = [];
  const progress = context.progress('images');
  try {
    const layers = network.sidecar.outputs.layers.length;
    const needsLayers = flags.diversity === true || flags.pairs === true || flags.pathLength === true;
    if (needsLayers && layers === 0) {
      throw new UserError(
        `${network.sidecar.name}: its sidecar names no layers, which --diversity, --pairs and --path-length need`,
      );
    }
    const weights =
      flags.layerWeights === undefined
        ? null
        : await parseLayerWeights(resolve(cwd, flags.layerWeights), layers);
    const imageSize = size ?? commonSize(factsA, factsB);
    const channels = commonChannels(factsA, factsB);
    for (const [facts, job] of [
      [factsA, given],
      [factsB, other ?? pathB],
    ] as const) {
      opened.push(
        await openImageSet(facts, {
          imageSize,
          channels,
          seed: facts.kind === 'data' ? seed : 0,
          signal,
          onProgress: ({ done, total }) => progress.show(`reading ${job}`, done, total),
        }),
      );
    }
    const [a, b] = opened as [ImageSet, ImageSet];
    const onProgress = progress.show;
    const found = await compareSets({ network, a, b, count, seed, signal, onProgress });
    const more = await measureMore({
      network,
      weights,
      a,
      b,
      parts: partsOf(a, b, count),
      seed,
      wants: {
        diversity: flags.diversity === true,
        pairs: flags.pairs === true,
        pathLength: flags.pathLength === true ? factsA.opened : null,
        neighbours,
      },
      signal,
      onProgress,
    });
    progress.close();
    const folder = flags.out === undefined ? await findingFolder(pathA, 'evaluate') : resolve(cwd, flags.out);
    const { pictures, ...figures } = more;
    if (folder !== null) await saveFinding(folder, findingOf(found, figures, pictures));
    if (flags.write === true) await writeMetrics(factsA, found);
    if (flags.json === true) {
      print(JSON.stringify({ event: 'done', ...found, ...figures, ...(folder !== null && { folder }) }));
      return;
    }
    for (const line of linesOf(found, figures)) print(line);
    if (folder !== null) print(`written to ${folder}`);
  } finally {
    progress.close();
    for (const set of opened) await set.close();
    await network.dispose();
  }
}

/** `avatars` is a word, everything else a path. */
const imagesPath = (cwd: string, path: string): string => (path === 'avatars' ? path : resolve(cwd, path));

/** The data that a run was trained on. */
async function trainingData(path: string, given: string): Promise<string> {
  for (const root of [path, join(path, '..')]) {
    const run = await openRunFolder(root).catch(() => null);
    if (run !== null) return run.config.data;
  }
  throw new UserError(`${given}: is no run, so what to judge it by is not known; give a second path`);
}

/** The side that both are brought to. Throws UserError where it cannot be told. */
function commonSize(a: ImageSetFacts, b: ImageSetFacts): number {
  const models = [a, b].filter(({ kind }) => kind === 'model');
  if (models.length === 2 && a.imageSize !== b.imageSize) {
    throw new UserError(
      `${a.path} draws ${a.imageSize} pixels, ${b.path} ${b.imageSize}: models of different sizes are not compared`,
    );
  }
  const size = models[0]?.imageSize ?? b.imageSize ?? a.imageSize;
  if (size === null || size > 1024) {
    throw new UserError(`${b.path}: images of ${size ?? 'no particular size'}; give --image-size`);
  }
  return size;
}

/** Grey where both are, colour where both are. Throws UserError where one is and one is not. */
function commonChannels(a: ImageSetFacts, b: ImageSetFacts): 1 | 3 {
  const model = [a, b].find(({ kind }) => kind === 'model');
  if (a.channels === b.channels) return a.channels;
  // Colour can be taken from data, not put into them.
  if (model?.channels === 1 && [a, b].some(({ kind }) => kind === 'data')) return 1;
  const [grey, colour] = a.channels === 1 ? [a, b] : [b, a];
  throw new UserError(
    `${grey.path} is grey and ${colour.path} has colour: they are not compared; make the second one grey`,
  );
}

const shown = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(1) : value.toPrecision(4));

/** Names and values, as people read them. */
function rowsOf(found: SetComparison, more: Omit<MoreFigures, 'pictures'>): (readonly [string, string])[] {
  const rows: (readonly [string, string])[] = [
    ['Fréchet distance', shown(found.frechet)],
    ['kernel distance (KID)', `${found.kid.toExponential(3)} ± ${found.kidStandardError.toExponential(1)}`],
    ['precision', found.precision.toFixed(3)],
    ['recall', found.recall.toFixed(3)],
  ];
  if (found.classScore !== null) {
    rows.push(['class score', `${shown(found.classScore)} ± ${shown(found.classScoreDeviation!)}`]);
  }
  const pair = ({ mean, standardError }: { mean: number; standardError: number }): string =>
    `${mean.toFixed(4)} ± ${standardError.toFixed(4)}`;
  if (more.diversity)
    rows.push(['diversity of A', pair(more.diversity)], ['diversity of B', pair(more.diversityOfB!)]);
  if (more.pairs) rows.push(['perceptual distance of pairs', pair(more.pairs)]);
  if (more.pathLength) rows.push(['perceptual path length', pair(more.pathLength)]);
  if (more.nearestRatio !== null) rows.push(['nearest images, ratio', more.nearestRatio.toFixed(3)]);
  return rows;
}

function linesOf(found: SetComparison, more: Omit<MoreFigures, 'pictures'>): string[] {
  const { protocol } = found;
  return [
    `${String(protocol['a'])} (${found.countA} images) by ${String(protocol['b'])} (${found.countB} images)`,
    `${found.network}, ${String(protocol['features'])} features, images of ${String(protocol['imageSize'])} pixels; ${String(protocol['preprocessing'])}`,
    ...(protocol['halvesOfOneSet'] === true ? ['two halves of one set: what is left is chance'] : []),
    '',
    ...rowsOf(found, more).map(([name, value]) => `${name.padEnd(32)}${value}`),
  ];
}

function findingOf(
  found: SetComparison,
  figures: Omit<MoreFigures, 'pictures'>,
  pictures: MoreFigures['pictures'],
): Finding {
  const { protocol } = found;
  return {
    name: 'evaluate',
    title: 'Distance from real images',
    summary: linesOf(found, figures).slice(0, 2).join('; '),
    tables: [
      {
        caption: 'A is what is judged, B what it is judged by.',
        columns: ['figure', 'value'],
        rows: rowsOf(found, figures),
      },
      {
        caption: 'Protocol',
        columns: ['', ''],
        rows: Object.entries(protocol).map(([key, value]) => [key, String(value)]),
      },
    ],
    pictures,
    data: { ...found, ...figures },
  };
}

/** Puts the figures into the model's table of contents, in place of those of the same name and network. */
async function writeMetrics({ opened, path }: ImageSetFacts, found: SetComparison): Promise<void> {
  if (opened === null) throw new UserError(`--write: ${path} is no model`);
  const file = join(opened.folder, modelFileName);
  const model = parseModel(JSON.parse(await readFile(file, 'utf8')), file);
  const metric = (name: string, value: number): Metric => ({ name, value, protocol: found.protocol });
  const fresh = [
    metric('frechet', found.frechet),
    metric('kid', found.kid),
    metric('precision', found.precision),
    metric('recall', found.recall),
  ];
  const isOld = ({ name, protocol }: Metric): boolean =>
    fresh.some((one) => one.name === name) && protocol['networkSha256'] === found.protocol['networkSha256'];
  const next: Model = { ...model, metrics: [...model.metrics.filter((one) => !isOld(one)), ...fresh] };
  const text = `${JSON.stringify(next, null, 2)}\n`;
  await onDisk(
    file,
    () => 'the model is as it was',
    () => writeAtomically(file, (handle) => writeFully(handle, new TextEncoder().encode(text))),
  );
}
