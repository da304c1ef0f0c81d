// `dcgan evaluate A B`: measures how close two sets of images are by a network's features, and records the protocol.
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Metric, Model } from '../../runtime-web/format/model.ts';
import { parseModel } from '../../runtime-web/format/parse-model.ts';
import { someText, wholeNumber } from '../config/rules.ts';
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
import { resolveData } from '../run/run-data.ts';
import { openRunFolder } from '../run/run-folder.ts';
import { findingFolder, saveFinding } from '../run/save-finding.ts';
import { jsonOption } from '../command-line/common-options.ts';
import type { CommandContext } from '../command-line/context.ts';
import { addOptions, option, toggle, type FlagsOf } from '../command-line/options.ts';

const options = [
  option(
    '--network <file>',
    'ONNX network whose features are compared; by default the embedded one',
    someText,
  ),
  option('--count <n>', 'max number of images of each set', wholeNumber(2, 10_000_000), 10_000),
  option(
    '--image-size <n>',
    "resize images to this side; by default the model's size, or the images' own",
    wholeNumber(8, 1024),
  ),
  option('--seed <n>', 'random seed, also of the choice of images', wholeNumber(0, 2 ** 31 - 1), 0),
  toggle('--diversity', 'mean perceptual distance between random images of A, and of B (LPIPS)'),
  toggle(
    '--pairs',
    'mean perceptual distance between the n-th image of A and the n-th of B, sorted by file name',
  ),
  option(
    '--layer-weights <file>',
    "learned weights of the network's layers for perceptual distances, as LPIPS has; by default all 1",
    someText,
  ),
  toggle(
    '--path-length',
    'perceptual path length: how smoothly images change between latents; A must be a model',
  ),
  option(
    '--neighbours <n>',
    'show the n images of A that are nearest to an image of B',
    wholeNumber(0, 256),
    0,
  ),
  toggle('--write', "save the results in the model's model.json"),
  option('--out <dir>', "folder for tables and images; by default the run's analysis/evaluate", someText),
  jsonOption,
];
type EvaluateFlags = FlagsOf<typeof options>;

/** Adds `evaluate` to the program. */
export function addEvaluateCommand(program: Command, context: CommandContext): void {
  const call = context.invocation('evaluate');
  const command = program
    .command('evaluate')
    .description(
      'Measure how close generated images are to real ones: Fréchet and kernel distance, precision, recall and more.',
    )
    .argument('<a>', 'images to evaluate: a model package, a run, or images (folder, zip, IDX, …)')
    .argument('[b]', "images to compare with; by default the run's training data");
  addOptions(command, options)
    .addHelpText(
      'after',
      `
Compare results only if network, image counts and preprocessing are the same; they are printed with
each result.

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
  const { count, seed, neighbours, imageSize: size } = flags;
  const pathA = resolveData(cwd, given);
  const pathB = other === undefined ? await trainingData(pathA, given) : resolveData(cwd, other);
  const [factsA, factsB] = [await lookAtImages(pathA, signal), await lookAtImages(pathB, signal)];
  if (flags.pathLength && factsA.kind !== 'model') {
    throw new UserError(`--path-length: ${given} is no model; paths go between latents`);
  }
  const network = await openFeatureNetwork(flags.network === null ? null : resolve(cwd, flags.network));
  const opened: ImageSet[] = [];
  const progress = context.progress('images');
  try {
    const layers = network.sidecar.outputs.layers.length;
    const needsLayers = flags.diversity || flags.pairs || flags.pathLength;
    if (needsLayers && layers === 0) {
      throw new UserError(
        `${network.sidecar.name}: its sidecar names no layers, which --diversity, --pairs and --path-length need`,
      );
    }
    const weights =
      flags.layerWeights === null ? null : await parseLayerWeights(resolve(cwd, flags.layerWeights), layers);
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
        diversity: flags.diversity,
        pairs: flags.pairs,
        pathLength: flags.pathLength ? factsA.opened : null,
        neighbours,
      },
      signal,
      onProgress,
    });
    progress.close();
    const folder = flags.out === null ? await findingFolder(pathA, 'evaluate') : resolve(cwd, flags.out);
    const { pictures, ...figures } = more;
    if (folder !== null) await saveFinding(folder, findingOf(found, figures, pictures));
    if (flags.write) await writeMetrics(factsA, found);
    if (flags.json) {
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

/** The data that a run was trained on. */
async function trainingData(path: string, given: string): Promise<string> {
  for (const root of [path, join(path, '..')]) {
    const run = await openRunFolder(root).catch(() => null);
    if (run !== null) return run.config.data;
  }
  throw new UserError(
    `${given}: is no run, so there is no training data to compare with; give a second path`,
  );
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
