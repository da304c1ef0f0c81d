// From a configuration to a run that is ready to go: data, engine, networks and state, each opened once and all
// closed together. Nothing is written until everything that can fail has not.
import { Random } from '../../runtime-web/format/random.ts';
import { conditioningOf } from '../config/conditioning.ts';
import type { TrainConfig } from '../config/fields.ts';
import type { BatchSamplerState } from '../data/batch-sampler.ts';
import { BatchSampler } from '../data/batch-sampler.ts';
import { BatchThread } from '../data/batch-thread.ts';
import type { Dataset, DecodeProgress } from '../data/dataset.ts';
import { openDataset } from '../data/dataset.ts';
import { parseClassList } from '../data/only-classes.ts';
import { readImages } from '../data/read-images.ts';
import type { Engine } from '../engine/engine.ts';
import { selectEngine } from '../engine/select-engine.ts';
import { CheckpointError, UserError } from '../errors.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import { planTraining } from '../training/plan.ts';
import type { Checkpoint, CheckpointMetadata } from './checkpoint.ts';
import { openEvaluator, type Evaluator } from '../metrics/run-evaluator.ts';
import type { OpenPlan } from './open-plan.ts';
import { openPlan } from './open-plan.ts';

/** Everything a run computes with. */
export interface RunSetup {
  readonly dataset: Dataset;
  readonly engine: Engine;
  /** Why this engine. */
  readonly engineReason: string;
  readonly open: OpenPlan;
  readonly batches: BatchSampler | BatchThread;
  /** [sampleCount, size, size, channels] in [-1, 1], spread over the data. */
  readonly realImages: HostTensor;
  /** Null where the configuration asks for no measurements. */
  readonly evaluator: Evaluator | null;
  readonly noiseSeed: number;
  /** What keeps a resumed run from going on bit for bit; usually nothing. */
  readonly differences: readonly string[];
  close(): Promise<void>;
}

/** What a run is opened for. */
export interface RunSetupOptions {
  readonly config: TrainConfig;
  /** Where to go on from; null to start. */
  readonly checkpoint: Checkpoint | null;
  readonly signal: AbortSignal;
  /** Whether the engine's own messages may be seen. Default false. */
  readonly isVerbose?: boolean;
  /** Hears how far the decoding of the images is. */
  readonly onDecoded?: (progress: DecodeProgress) => void;
}

/**
 * Opens all of it. Throws UserError for data or a checkpoint that do not fit the configuration, the engine's own
 * EngineUnavailableError, the signal's reason when aborted.
 */
export async function openRun(options: RunSetupOptions): Promise<RunSetup> {
  const { config, checkpoint, signal, isVerbose = false, onDecoded } = options;
  const { data, imageSize, channels, batch, flip } = config;
  const classes = config.classes === null ? null : parseClassList('--classes', config.classes);
  // Streams of their own, so that a longer dataset or a wider network leaves the others' numbers as they are.
  const seeds = new Random(config.seed);
  const [weightSeed, dataSeed, noiseSeed] = [seeds.uint32(), seeds.uint32(), seeds.uint32()];
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const { engine, reason: engineReason } = await selectEngine({ ...config, isVerbose });
    closers.push(() => engine.dispose());
    const dataset = await openDataset({ data, classes, imageSize, channels, signal, onProgress: onDecoded });
    closers.push(() => dataset.close());
    const sampled = checkpoint?.metadata.sampler as BatchSamplerState | undefined;
    const sampling = { batch, seed: dataSeed, flip, state: sampled };
    // Threads of the processor are all busy with the step where that runs on it.
    const batches = engine.isOnGpu
      ? await BatchThread.start(dataset, sampling)
      : new BatchSampler(dataset, sampling);
    closers.push(() => batches.close());
    signal.throwIfAborted();
    const evaluator = await openEvaluator(config, dataset, signal);
    if (evaluator !== null) closers.push(() => evaluator.close());
    const conditioning = conditioningOf(config, dataset.classNames);
    const initial = planTraining(config, conditioning).initialState(new Random(weightSeed));
    if (checkpoint !== null) checkState(checkpoint, initial);
    const open = await openPlan({ config, conditioning, engine, state: checkpoint?.state ?? initial });
    closers.push(() => open.dispose());
    signal.throwIfAborted();
    return {
      dataset,
      engine,
      engineReason,
      open,
      batches,
      realImages: await spreadImages(dataset, config.sampleCount),
      evaluator,
      noiseSeed,
      differences: checkpoint === null ? [] : differencesFrom(checkpoint.metadata, engine, dataset),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What of a dataset a checkpoint remembers. */
export function describeDataset({
  name,
  count,
  classNames,
  fingerprint,
}: Dataset): CheckpointMetadata['dataset'] {
  return { name, count, classNames, fingerprint };
}

/** Throws CheckpointError where a checkpoint's tensors are not those of the networks. */
function checkState({ path, state }: Checkpoint, expected: Readonly<Record<string, HostTensor>>): void {
  const show = (tensor: HostTensor | undefined): string =>
    tensor ? `[${tensor.shape.join(', ')}]` : 'missing';
  for (const name of new Set([...Object.keys(expected), ...Object.keys(state)])) {
    const [got, wanted] = [show(state[name]), show(expected[name])];
    if (got !== wanted) {
      throw new CheckpointError(
        `${path}: ${name} is ${got}, and ${wanted} in the networks of this configuration: of another architecture`,
      );
    }
  }
}

/** In words, what is not as it was when the checkpoint was saved. Throws UserError for data of other classes. */
function differencesFrom(then: CheckpointMetadata, engine: Engine, dataset: Dataset): readonly string[] {
  const now = describeDataset(dataset);
  if (JSON.stringify(then.dataset['classNames']) !== JSON.stringify(now['classNames'])) {
    throw new UserError(
      `data ${dataset.name}: other classes than when the run was saved; resume it with the same data`,
    );
  }
  const keys = new Set([...Object.keys(then.engine), ...Object.keys(engine.fingerprint)]);
  const differences = [...keys]
    .filter((key) => then.engine[key] !== engine.fingerprint[key])
    .map(
      (key) =>
        `${key} was ${then.engine[key] ?? 'not known'} and is ${engine.fingerprint[key] ?? 'not known'}`,
    );
  if (then.dataset['fingerprint'] !== now['fingerprint']) differences.push('the data have changed');
  return differences;
}

/** `count` images, evenly spread over the dataset (some twice where it holds fewer), in [-1, 1]. */
async function spreadImages(dataset: Dataset, count: number): Promise<HostTensor> {
  const { imageSize, channels } = dataset;
  const indices = Array.from({ length: count }, (_, i) => Math.floor((i * dataset.count) / count));
  return {
    shape: [count, imageSize, imageSize, channels],
    dtype: 'float32',
    data: await readImages(dataset, indices),
  };
}
