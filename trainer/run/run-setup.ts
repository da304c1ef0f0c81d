// Opens everything that a configuration needs: data, engine, networks and state. All of it is closed together. Nothing is written
// before everything that can fail has succeeded.
import type { Conditioning } from '../../runtime-web/format/model.ts';
import { Random } from '../../runtime-web/format/random.ts';
import { runSeeds } from '../../runtime-web/format/training/seeds.ts';
import { conditioningOf, scaledAttributes } from '../config/conditioning.ts';
import type { TrainConfig } from '../config/fields.ts';
import { BatchSampler } from '../data/batch-sampler.ts';
import { BatchThread } from '../data/batch-thread.ts';
import type { Dataset, DecodeProgress } from '../data/dataset.ts';
import { openDataset } from '../data/dataset.ts';
import { lookAt } from '../data/file-access.ts';
import { spreadImages } from '../data/real-images.ts';
import type { Engine } from '../engine/engine.ts';
import { selectEngine } from '../engine/select-engine.ts';
import { CheckpointError, UserError } from '../errors.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import { planTraining } from '../training/plan.ts';
import type { Checkpoint, CheckpointMetadata } from './checkpoint.ts';
import { openEvaluator, type Evaluator } from '../metrics/run-evaluator.ts';
import type { OpenPlan } from './open-plan.ts';
import { savedConditioning } from './find-checkpoint.ts';
import { openPlan } from './open-plan.ts';
import { checkSameData, isNoData } from './same-data.ts';
import { dataOfConfig } from './run-data.ts';
import { startFrom, type Start } from './start-from.ts';

/** The opened parts of a run. */
export interface RunSetup {
  readonly dataset: Dataset;
  readonly engine: Engine;
  /** Why this engine was chosen. */
  readonly engineReason: string;
  readonly open: OpenPlan;
  readonly batches: BatchSampler | BatchThread;
  /** Real images [sampleCount, size, size, channels] in [-1, 1], evenly spread over the dataset. */
  readonly realImages: HostTensor;
  /** Opens the evaluator at the first call; null if the configuration has no evaluations. */
  readonly evaluator: (() => Promise<Evaluator>) | null;
  readonly noiseSeed: number;
  /** The weights that a new run starts from; null for random ones and for a resumed run. */
  readonly start: Omit<Start, 'state'> | null;
  /** Reasons why a resumed run will not continue bit for bit; usually none. */
  readonly differences: readonly string[];
  close(): Promise<void>;
}

/** Options of {@link openRun}. */
export interface RunSetupOptions {
  readonly config: TrainConfig;
  /** The checkpoint to resume from; null to start. */
  readonly checkpoint: Checkpoint | null;
  readonly signal: AbortSignal;
  /** Show the engine's own messages. Default false. */
  readonly isVerbose?: boolean;
  /** Called with the progress of decoding the images. */
  readonly onDecoded?: (progress: DecodeProgress) => void;
}

/**
 * Opens a run. Throws UserError for data or a checkpoint that do not fit the configuration, EngineUnavailableError for an engine
 * that is missing, and the signal's reason when aborted.
 */
export async function openRun(options: RunSetupOptions): Promise<RunSetup> {
  const { config, checkpoint, signal, isVerbose = false, onDecoded } = options;
  const { batch, flip } = config;
  const data = dataOfConfig(config);
  const { weightSeed, dataSeed, noiseSeed } = runSeeds(config);
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const { engine, reason: engineReason } = await selectEngine({ ...config, isVerbose });
    closers.push(() => engine.dispose());
    const dataset = await openDataset({ ...data, signal, onProgress: onDecoded }).catch(
      async (error: unknown) => {
        const hadNone = checkpoint === null || isNoData(checkpoint.metadata.dataset);
        if (hadNone || !(await isGone(config.data))) throw error;
        throw new UserError(
          `data ${config.data}: the run's images are no longer there; give --data with their present path`,
        );
      },
    );
    closers.push(() => dataset.close());
    const { isSame } = checkpoint === null ? { isSame: true } : checkSameData(checkpoint, config, dataset);
    const conditioning = savedConditioning(checkpoint?.metadata) ?? conditioningOf(config, dataset);
    const sampling = {
      ...{ batch, seed: dataSeed, flip },
      condition: scaledAttributes(conditioning, dataset.attributes),
      state: checkpoint?.metadata.sampler ?? undefined,
    };
    // Without a GPU the step itself keeps all processor threads busy, so batches are made between steps.
    const batches = engine.isOnGpu
      ? await BatchThread.start(dataset, sampling)
      : new BatchSampler(dataset, sampling);
    closers.push(() => batches.close());
    signal.throwIfAborted();
    let opened: Evaluator | null = null;
    const evaluator = async (): Promise<Evaluator> => {
      if (opened !== null) return opened;
      const evaluating = (opened = await openEvaluator(config, dataset, conditioning));
      closers.push(() => evaluating.close());
      return evaluating;
    };
    if (typeof config.evaluateEvery === 'number') {
      // Settings that cannot be evaluated are refused before the run begins.
      const { most, prepare } = await evaluator();
      await prepare(most, signal);
    }
    const random = planTraining(config, conditioning).initialState(new Random(weightSeed));
    if (checkpoint !== null) checkState(checkpoint, random);
    const { from } = config;
    const isTaken = checkpoint === null && from !== null;
    const taken = isTaken ? await startFrom({ ...config, from }, { state: random, conditioning }) : null;
    const { state, ...start } = taken ?? { state: checkpoint?.state ?? random };
    const open = await openPlan({ config, conditioning, engine, state });
    closers.push(() => open.dispose());
    signal.throwIfAborted();
    return {
      dataset,
      engine,
      engineReason,
      open,
      batches,
      realImages: await spreadImages(dataset, config.sampleCount),
      evaluator: config.evaluateEvery === null ? null : evaluator,
      noiseSeed,
      start: 'source' in start ? start : null,
      differences: checkpoint === null ? [] : differencesFrom(checkpoint.metadata, engine, isSame),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** True if there is no file or folder at the path of the data, nor a zip above it. */
async function isGone(data: string): Promise<boolean> {
  const zip = data.replace(/(\.zip)[\\/].*$/i, '$1');
  return data !== 'avatars' && (await lookAt(zip)) === null;
}

/** The description of a dataset that a checkpoint keeps; with the attributes or numbers that condition the generator. */
export function describeDataset(
  { name, count, classNames, fingerprint, contentHash }: Dataset,
  conditioning: Conditioning,
): CheckpointMetadata['dataset'] {
  const isOfLabels = conditioning?.kind === 'attributes' || conditioning?.kind === 'numbers';
  return { name, count, classNames, fingerprint, contentHash, ...(isOfLabels && { conditioning }) };
}

/** Throws CheckpointError if a checkpoint's tensors do not match the networks. */
function checkState({ path, state }: Checkpoint, expected: Readonly<Record<string, HostTensor>>): void {
  const show = (tensor: HostTensor | undefined): string =>
    tensor ? `[${tensor.shape.join(', ')}]` : 'missing';
  for (const name of new Set([...Object.keys(expected), ...Object.keys(state)])) {
    const [got, wanted] = [show(state[name]), show(expected[name])];
    if (got !== wanted) {
      throw new CheckpointError(
        `${path}: ${name} is ${got}, but the networks of this configuration need ${wanted}`,
      );
    }
  }
}

/** Describes changes of engine and data since the checkpoint was saved; none for imported weights, which no engine here trained. */
function differencesFrom(then: CheckpointMetadata, engine: Engine, isSame: boolean): readonly string[] {
  if (Object.keys(then.engine).length === 0) return [];
  const keys = new Set([...Object.keys(then.engine), ...Object.keys(engine.fingerprint)]);
  const differences = [...keys]
    .filter((key) => then.engine[key] !== engine.fingerprint[key])
    .map(
      (key) =>
        `${key} was ${then.engine[key] ?? 'not known'} and is ${engine.fingerprint[key] ?? 'not known'}`,
    );
  if (!isSame) differences.push('the data have changed');
  return differences;
}
