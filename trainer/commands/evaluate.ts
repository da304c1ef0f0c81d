// `dcgan evaluate A B`: compares one set of images with another by the metrics of metrics/table.ts.
import { anySizeRule, sizeOfText } from '../config/image-size.ts';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Command } from 'commander';
import { someText, wholeNumber } from '../config/rules.ts';
import { defaultFraming } from '../data/framing.ts';
import { noData, noDataError } from '../data/no-data.ts';
import type { DataChoice } from '../data/dataset.ts';
import { UserError } from '../errors.ts';
import { held } from '../held.ts';
import { commonChannels, commonSize } from '../metrics/common-shape.ts';
import { openFeatureNetwork } from '../metrics/feature-network.ts';
import { lookAtImages, openImageSet, type ImageSet, type ImageSetFacts } from '../metrics/image-set.ts';
import { parseLayerWeights } from '../metrics/layer-weights.ts';
import { measurementJson, measureSets, type Measurement } from '../metrics/measure-sets.ts';
import type { Metric, MetricFlag } from '../metrics/metric.ts';
import { storeMetrics } from '../metrics/store-metrics.ts';
import { metrics } from '../metrics/table.ts';
import { readFinding, type Finding } from '../findings/findings.ts';
import { findingFolder, saveFinding } from '../run/save-finding.ts';
import { dataOfConfig, framingOf, labelsOf, resolveData, runAround } from '../run/run-data.ts';
import { jsonOption } from '../command-line/common-options.ts';
import type { CommandContext } from '../command-line/context.ts';
import { refuseRunWithoutModel } from '../command-line/open-model.ts';
import { addOptions, option, toggle, type CommandOption, type FlagsOf } from '../command-line/options.ts';

/** The metrics that have a flag, each with its option. */
const flagged = metrics.flatMap((metric) =>
  metric.flag === undefined ? [] : [{ metric, made: optionOf(metric.flag) }],
);

const options = [
  option('--network <file>', 'ONNX feature network; by default the embedded one', someText),
  option('--count <n>', 'max number of images of each set', wholeNumber(2, 10_000_000), 10_000),
  option(
    '--image-size <n|WxH>',
    "resize images to this size; by default the model's size, or the images' own",
    anySizeRule,
  ),
  option(
    '--seed <n>',
    'random seed, also of the choice of images; the same seed gives the same result',
    wholeNumber(0, 2 ** 31 - 1),
    0,
  ),
  option(
    '--layer-weights <file>',
    "JSON file of weights of the network's channels for perceptual distances, as in LPIPS; by default all 1",
    someText,
  ),
  option(
    '--labels <file>',
    "labels of B's images: a CSV or a dataset.json, as for train; by default the run's, or those among the images",
    someText,
  ),
  toggle('--write', "save the results in the model's model.json"),
  option('--out <dir>', "folder for tables and images; by default the run's analysis/evaluate", someText),
  jsonOption,
];
/** The command's own flags, and those of the metrics. */
type EvaluateFlags = FlagsOf<typeof options> & Readonly<Record<string, unknown>>;

/** Adds `evaluate` to the program. */
export function addEvaluateCommand(program: Command, context: CommandContext): void {
  const call = context.invocation('evaluate');
  const command = program
    .command('evaluate')
    .description(
      'Measure how close generated images are to real ones: Fréchet and kernel distance, precision, recall and more.',
    )
    .argument('<a>', 'images to evaluate (A): a model package, a run, or images (folder, zip, IDX, …)')
    .argument('[b]', "images to compare with (B): the same kinds; by default the run's training images");
  addOptions(command, [...options, ...flagged.map(({ made }) => made)])
    .addHelpText(
      'after',
      `
Compare figures only if network, counts and preprocessing are the same; every result lists them.

Examples:
  ${call} runs/00001-avatars-dcgan-relativistic
  ${call} runs/00002-photos-dcgan photos --neighbours 16
  ${call} photos other-photos --network squeezenet1.1.onnx --count 5000`,
    )
    .action((a: string, b: string | undefined, flags: EvaluateFlags) => evaluate(a, b, flags, context));
}

function optionOf({ usage, about, number }: MetricFlag): CommandOption {
  return number === undefined ? toggle(usage, about) : option(usage, about, number.rule, number.initial);
}

/** The metrics whose flags were given, each with its flag's number. */
function askedMetrics(flags: EvaluateFlags): ReadonlyMap<Metric, number> {
  const asked = flagged.map(({ metric, made }) => [metric, Number(flags[made.name])] as const);
  return new Map(asked.filter(([, amount]) => amount > 0));
}

const nameOf = ({ flag }: Metric): string => optionOf(flag!).option.long!;

async function evaluate(
  given: string,
  other: string | undefined,
  flags: EvaluateFlags,
  context: CommandContext,
): Promise<void> {
  const { cwd, print, signal } = context;
  const { count, seed, imageSize: size } = flags;
  const asked = askedMetrics(flags);
  const pathA = resolveData(context, given);
  const otherPath = other === undefined ? null : resolveData(context, other);
  for (const path of [pathA, ...(otherPath === null ? [] : [otherPath])]) {
    await refuseRunWithoutModel(path, context);
  }
  const { data: pathB, choice } =
    otherPath === null
      ? await trainingData(pathA, given)
      : { data: otherPath, choice: await choiceFor(pathA, otherPath) };
  const labels = flags.labels === null ? {} : { labels: resolve(cwd, flags.labels) };
  const run = (await runAround(pathA)) ?? (await runAround(pathB));
  const framing = run === null ? defaultFraming : framingOf(run.config);
  const [factsA, factsB] = [
    await lookAtImages(pathA, signal),
    await lookAtImages(pathB, signal, { ...choice, ...labels }),
  ];
  for (const metric of asked.keys()) {
    if (metric.needsModel === undefined || factsA.kind === 'model') continue;
    throw new UserError(`${nameOf(metric)}: ${given} is no model; ${metric.needsModel}`);
  }
  if (flags.labels !== null && factsB.kind === 'model') {
    throw new UserError('--labels: B is a model, which has no labels; leave it out');
  }
  for (const metric of asked.keys()) await metric.check?.(factsA, factsB, signal);
  await using network = held(
    await openFeatureNetwork(flags.network === null ? null : resolve(cwd, flags.network)),
  );
  await using progress = held(context.progress('images'));
  const layers = network.sidecar.outputs.layers.length;
  if (layers === 0 && [...asked.keys()].some(({ needsLayers }) => needsLayers === true)) {
    const needing = metrics.filter(({ needsLayers }) => needsLayers === true).map(nameOf);
    throw new UserError(
      `${network.sidecar.name}: its sidecar names no layers, which ${new Intl.ListFormat('en-GB').format(needing)} need`,
    );
  }
  const weights =
    flags.layerWeights === null ? null : await parseLayerWeights(resolve(cwd, flags.layerWeights), layers);
  const { width, height } = (size === null ? null : sizeOfText(size)) ?? commonSize(factsA, factsB);
  const channels = commonChannels(factsA, factsB);
  // A and B may be the same data.
  const warnings = new Set<string>();
  const open = (facts: ImageSetFacts, job: string, matched: ImageSet | null): Promise<ImageSet> =>
    openImageSet(facts, {
      width,
      height,
      channels,
      framing,
      matched,
      seed: facts.kind === 'data' ? seed : 0,
      signal,
      warn: (line) => {
        if (!warnings.has(line)) context.warn(line);
        warnings.add(line);
      },
      onProgress: ({ done, total }) => progress.show(`reading ${job}`, done, total),
    });
  // Data first: a conditional model's samples take its classes' shares, or its images' attributes or numbers.
  const openB = (matched: ImageSet | null) => open(factsB, other ?? pathB, matched);
  const openA = (matched: ImageSet | null) => open(factsA, given, matched);
  const isDataFirst = factsA.kind === 'data';
  await using first = held(await (isDataFirst ? openA(null) : openB(null)));
  await using second = held(await (isDataFirst ? openB(first) : openA(first)));
  const [a, b] = isDataFirst ? [first, second] : [second, first];
  const found = await measureSets({
    ...{ network, weights, a, b, asked, count, seed, signal },
    model: factsA.opened,
    onProgress: progress.show,
  });
  progress.close();
  const finding = findingOf(found, factsA.opened?.model.training?.steps);
  const folder = flags.out === null ? await findingFolderFor(pathA, found) : resolve(cwd, flags.out);
  if (folder !== null) await saveFinding(folder, finding, context.warn);
  if (flags.write) {
    if (factsA.opened === null) throw new UserError(`--write: ${factsA.path} is no model`);
    await storeMetrics(factsA.opened.folder, found);
  }
  if (flags.json) {
    print(JSON.stringify({ event: 'done', ...measurementJson(found), ...(folder !== null && { folder }) }));
    return;
  }
  for (const line of linesOf(found)) print(line);
  if (folder !== null) print(`written to ${folder}`);
}

/** The training images of the run at `path`, or of the run that has the model there. */
async function trainingData(
  path: string,
  given: string,
): Promise<{ readonly data: string; readonly choice: DataChoice }> {
  const run = await runAround(path);
  if (run?.config.data === noData) throw noDataError(`give images to compare with: evaluate ${given} IMAGES`);
  if (run !== null) {
    const { data, classes, labels, labelUse, holdOut } = dataOfConfig(run.config);
    return { data, choice: { classes, labels, labelUse, holdOut } };
  }
  throw new UserError(
    `${given}: is no run, so there is no training data to compare with; give a second path`,
  );
}

/** The labels of other images: those of the run at `path` if they are its images. */
async function choiceFor(path: string, data: string): Promise<DataChoice> {
  const run = await runAround(path);
  return run === null ? {} : { labels: labelsOf(run.config, data) };
}

function linesOf({ protocol, network, countA, countB, rows }: Measurement): string[] {
  return [
    `${String(protocol['a'])} (${countA} images) by ${String(protocol['b'])} (${countB} images)`,
    `${network}, ${String(protocol['features'])} features, images of ${String(protocol['imageSize'])} pixels; ${String(protocol['preprocessing'])}`,
    ...['A', 'B'].flatMap((side) =>
      (['classes', 'codes', 'attributes', 'numbers'] as const)
        .filter((kind) => protocol[`${kind}Of${side}`] !== undefined)
        .map((kind) => `${kind} of ${side}: ${String(protocol[`${kind}Of${side}`])}`),
    ),
    ...(protocol['halvesOfOneSet'] === true ? ['two halves of one set: what is left is chance'] : []),
    ...sharedLines(protocol, countA, countB),
    '',
    ...rows.map(([name, value]) => `${name.padEnd(32)}${value}`),
  ];
}

/** Says that images are in both sets, which makes every distance too small. */
function sharedLines(protocol: Measurement['protocol'], countA: number, countB: number): string[] {
  const shared = Number(protocol['sharedImages']);
  if (shared === 0) return [];
  const what =
    shared === countA && countA === countB
      ? 'A and B are the same images, whatever their names'
      : `${shared} of the ${countA} images of A are in B too`;
  return [
    `${what}: distances are too small, and the kernel distance is negative where the sets are equal; leave them out of one side`,
  ];
}

/** The folder in A's run for a measurement: that of the same protocol, or a new one, so that other figures stay. */
async function findingFolderFor(path: string, { protocol }: Measurement): Promise<string | null> {
  const plain = await findingFolder(path, 'evaluate');
  if (plain === null) return null;
  for (let i = 1; ; i++) {
    const folder = i === 1 ? plain : `${plain}-${i}`;
    const before = await readFinding(folder);
    if (before === null || isDeepStrictEqual(before.data['protocol'], protocol)) return folder;
  }
}

/** @param step the model's training step; undefined without a model or for an imported one. */
function findingOf(found: Measurement, step: number | undefined): Finding {
  return {
    name: 'evaluate',
    title: 'Distance from real images',
    step,
    summary: linesOf(found).slice(0, 2).join('; '),
    tables: [
      {
        caption: 'A compared with B',
        columns: ['figure', 'value'],
        rows: found.rows,
      },
      {
        caption: 'Protocol',
        columns: ['', ''],
        rows: Object.entries(found.protocol).map(([key, value]) => [key, String(value)]),
      },
    ],
    pictures: found.pictures,
    data: measurementJson(found),
  };
}
