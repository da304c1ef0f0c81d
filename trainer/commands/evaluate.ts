// `dcgan evaluate A B`: measures one set of images against another by the metrics of metrics/table.ts.
import { join, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { wholeNumber } from '../config/rules.ts';
import { UserError } from '../errors.ts';
import { commonChannels, commonSize } from '../metrics/common-shape.ts';
import { openFeatureNetwork } from '../metrics/feature-network.ts';
import { lookAtImages, openImageSet, type ImageSet } from '../metrics/image-set.ts';
import { parseLayerWeights } from '../metrics/layer-weights.ts';
import { measurementJson, measureSets, type Measurement } from '../metrics/measure-sets.ts';
import type { Metric, MetricFlag } from '../metrics/metric.ts';
import { storeMetrics } from '../metrics/store-metrics.ts';
import { metrics } from '../metrics/table.ts';
import type { Finding } from '../findings/findings.ts';
import { openRunFolder } from '../run/run-folder.ts';
import { findingFolder, saveFinding } from '../run/save-finding.ts';
import type { CommandContext } from '../command-line/context.ts';
import { flagValue } from '../command-line/flags.ts';

/** The command's own flags; those of the metrics are read by {@link askedMetrics}. */
interface EvaluateFlags extends Readonly<Record<string, string | true | undefined>> {
  readonly network?: string;
  readonly count: string;
  readonly imageSize?: string;
  readonly seed: string;
  readonly layerWeights?: string;
  readonly write?: true;
  readonly out?: string;
  readonly json?: true;
}

/** Adds `evaluate` to the program. */
export function addEvaluateCommand(program: Command, context: CommandContext): void {
  const call = context.invocation('evaluate');
  const command = program
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
    .option(
      '--layer-weights <file>',
      "learned weights of the network's layers, for perceptual distances (LPIPS)",
    );
  for (const { flag } of metrics) if (flag !== undefined) command.addOption(optionOf(flag));
  command
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

function optionOf({ usage, about, number }: MetricFlag): Option {
  const option = new Option(usage, about);
  return number === undefined ? option : option.default(String(number.initial));
}

/** The metrics that the flags ask for, with each flag's number. Throws UserError for a number out of range. */
function askedMetrics(flags: EvaluateFlags): ReadonlyMap<Metric, number> {
  const asked = new Map<Metric, number>();
  for (const metric of metrics) {
    if (metric.flag === undefined) continue;
    const option = optionOf(metric.flag);
    const given = flags[option.attributeName()];
    if (given === undefined) continue;
    const { number } = metric.flag;
    const amount = number === undefined ? 1 : flagValue<number>(option.long!, String(given), number.rule);
    if (amount > 0) asked.set(metric, amount);
  }
  return asked;
}

const nameOf = ({ flag }: Metric): string => optionOf(flag!).long!;

async function evaluate(
  given: string,
  other: string | undefined,
  flags: EvaluateFlags,
  context: CommandContext,
): Promise<void> {
  const { cwd, print, signal } = context;
  const count = flagValue<number>('--count', flags.count, wholeNumber(2, 10_000_000));
  const seed = flagValue<number>('--seed', flags.seed, wholeNumber(0, 2 ** 31 - 1));
  const asked = askedMetrics(flags);
  const size =
    flags.imageSize === undefined
      ? null
      : flagValue<number>('--image-size', flags.imageSize, wholeNumber(8, 1024));
  const pathA = imagesPath(cwd, given);
  const pathB = other === undefined ? await trainingData(pathA, given) : imagesPath(cwd, other);
  const [factsA, factsB] = [await lookAtImages(pathA, signal), await lookAtImages(pathB, signal)];
  for (const metric of asked.keys()) {
    if (metric.needsModel === undefined || factsA.kind === 'model') continue;
    throw new UserError(`${nameOf(metric)}: ${given} is no model; ${metric.needsModel}`);
  }
  const network = await openFeatureNetwork(flags.network === undefined ? null : resolve(cwd, flags.network));
  const opened: ImageSet[] = [];
  const progress = context.progress('images');
  try {
    const layers = network.sidecar.outputs.layers.length;
    if (layers === 0 && [...asked.keys()].some(({ needsLayers }) => needsLayers === true)) {
      const needing = metrics.filter(({ needsLayers }) => needsLayers === true).map(nameOf);
      throw new UserError(
        `${network.sidecar.name}: its sidecar names no layers, which ${new Intl.ListFormat('en-GB').format(needing)} need`,
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
    const found = await measureSets({
      ...{ network, weights, a, b, asked, count, seed, signal },
      model: factsA.opened,
      onProgress: progress.show,
    });
    progress.close();
    const folder = flags.out === undefined ? await findingFolder(pathA, 'evaluate') : resolve(cwd, flags.out);
    if (folder !== null) await saveFinding(folder, findingOf(found));
    if (flags.write === true) {
      if (factsA.opened === null) throw new UserError(`--write: ${factsA.path} is no model`);
      await storeMetrics(factsA.opened.folder, found);
    }
    if (flags.json === true) {
      print(JSON.stringify({ event: 'done', ...measurementJson(found), ...(folder !== null && { folder }) }));
      return;
    }
    for (const line of linesOf(found)) print(line);
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

function linesOf({ protocol, network, countA, countB, rows }: Measurement): string[] {
  return [
    `${String(protocol['a'])} (${countA} images) by ${String(protocol['b'])} (${countB} images)`,
    `${network}, ${String(protocol['features'])} features, images of ${String(protocol['imageSize'])} pixels; ${String(protocol['preprocessing'])}`,
    ...(protocol['halvesOfOneSet'] === true ? ['two halves of one set: what is left is chance'] : []),
    '',
    ...rows.map(([name, value]) => `${name.padEnd(32)}${value}`),
  ];
}

function findingOf(found: Measurement): Finding {
  return {
    name: 'evaluate',
    title: 'Distance from real images',
    summary: linesOf(found).slice(0, 2).join('; '),
    tables: [
      {
        caption: 'A is what is judged, B what it is judged by.',
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
