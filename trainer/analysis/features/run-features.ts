// Evaluates the feature sets of a run and its baselines one after another, each on its own engine that is released before the
// next, so that only one network and one feature matrix are in memory.
import { lengthOf } from '../../../runtime-web/format/image-shape.ts';
import { imageShape } from '../../config/image-size.ts';
import * as tf from '@tensorflow/tfjs-core';
import { Random } from '../../../runtime-web/format/random.ts';
import type { Engine } from '../../engine/engine.ts';
import { UserError } from '../../errors.ts';
import { held } from '../../held.ts';
import { listCheckpoints, loadCheckpoint } from '../../run/checkpoint.ts';
import type { TrainedRun } from '../../run/trained-run.ts';
import { compileFeatureSet, type FeatureSet } from './feature-set.ts';
import { matrixBytes, FeatureMatrix } from './feature-matrix.ts';
import { generatorFeatureCount, generatorFeatures } from './generator-features.ts';
import {
  discriminatorFeatureCount,
  discriminatorFeatures,
  untrained,
  type DiscriminatorFeatures,
} from './network-features.ts';
import { patchFeatures } from './patch-features.ts';
import { evaluateFeatures, type Outcome, type ProtocolOptions, type Task } from './protocol.ts';

/** The baselines. */
export const baselineNames = ['pixels', 'random', 'kmeans'] as const;
/** A baseline. */
export type Baseline = (typeof baselineNames)[number];

/** Settings of the evaluation. */
export interface RunFeaturesOptions {
  readonly task: Task;
  readonly run: TrainedRun;
  readonly network: 'discriminator' | 'generator';
  readonly baselines: readonly Baseline[];
  readonly centroids: number;
  readonly encoderSteps: number;
  /** Maximum number of checkpoints to evaluate, with the newest; 0 skips the curve. */
  readonly curve: number;
  readonly C: number | null;
  readonly standardises: boolean;
  readonly memoryBytes: number;
  /** Opens a new engine each time; {@link runFeatures} disposes of it. */
  readonly openEngine: () => Promise<Engine>;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  readonly onProgress: ProtocolOptions['onProgress'];
}

/** A point of the curve. */
export interface CheckpointOutcome {
  readonly step: number;
  readonly images: number;
  readonly accuracy: number;
}

/** The result. */
export interface FeaturesResult {
  readonly outcome: Outcome;
  readonly baselines: readonly Outcome[];
  /** From the first checkpoint to the last; empty if not requested. */
  readonly curve: readonly CheckpointOutcome[];
  /** Quality of the recovered latents if the generator is evaluated, else null: see `trainEncoder`. */
  readonly explainedVariance: number | null;
}

/** Number of patches for k-means. */
const patches = 200_000;
/** Number of passes of k-means. */
const passes = 20;

/**
 * Evaluates all feature sets. Throws UserError, before anything long begins, if one of them needs too much memory.
 */
export async function runFeatures(options: RunFeaturesOptions): Promise<FeaturesResult> {
  const { task, run, network, baselines, centroids, C, standardises, memoryBytes, seed, signal, say } =
    options;
  const { config, checkpoint } = run;
  const { dataset } = task.train;
  checkMemory(options);
  const protocol = (engine: Engine, given = C): ProtocolOptions => ({
    engine,
    task,
    C: given,
    standardises,
    memoryBytes,
    random: new Random(seed),
    signal,
    onProgress: options.onProgress,
  });
  const announced = (outcome: Outcome): Outcome => {
    say(
      `${(100 * outcome.accuracy).toFixed(2).padStart(6)}%   ${outcome.title} (${outcome.featureCount.toLocaleString('en')} features)`,
    );
    return outcome;
  };
  /** Opens a set on a new engine, uses it, and releases both. */
  const withSet = async <S extends FeatureSet, R>(
    make: (engine: Engine) => Promise<S>,
    use: (set: S, engine: Engine) => Promise<R>,
  ): Promise<R> => {
    await using engine = held(await options.openEngine());
    await using set = held(await make(engine));
    return await use(set, engine);
  };

  const baselineOutcomes: Outcome[] = [];
  let curve: readonly CheckpointOutcome[] = [];
  let explainedVariance: number | null = null;
  let outcome: Outcome;
  if (network === 'discriminator') {
    const make = (engine: Engine): Promise<DiscriminatorFeatures> =>
      discriminatorFeatures({
        name: 'discriminator',
        title: "D's layers",
        engine,
        config,
        checkpoint,
        dataset,
      });
    outcome = await withSet(make, async (set, engine) => {
      const measured = announced(await evaluateFeatures(set, protocol(engine)));
      curve = await curveOf(set, measured, protocol(engine, measured.C), options);
      return measured;
    });
  } else {
    outcome = await withSet(
      (engine) =>
        generatorFeatures({
          engine,
          run,
          dataset,
          steps: options.encoderSteps,
          random: new Random(seed + 1),
          signal,
          onProgress: (done) => options.onProgress('training the encoder', done, options.encoderSteps),
        }),
      async (set, engine) => {
        ({ explainedVariance } = set);
        say(
          `         the encoder explains ${(100 * explainedVariance).toFixed(0)}% of the latents' variance`,
        );
        return announced(await evaluateFeatures(set, protocol(engine)));
      },
    );
  }
  const makers: Readonly<Record<Baseline, (engine: Engine) => Promise<FeatureSet>>> = {
    pixels: (engine) =>
      compileFeatureSet({
        name: 'pixels',
        title: 'raw pixels',
        engine,
        dataset,
        batch: 128,
        featuresOf: (_, images) => tf.reshape(images, [images.shape[0]!, -1]),
      }),
    random: (engine) =>
      discriminatorFeatures({
        name: 'random',
        title: 'D before training',
        engine,
        config,
        checkpoint: untrained(config, seed + 2),
        dataset,
      }),
    kmeans: (engine) =>
      patchFeatures({
        engine,
        dataset,
        indices: Int32Array.from([...task.split.fit, ...task.split.heldOut]),
        centroids,
        patches: Math.max(patches, centroids),
        passes,
        random: new Random(seed + 3),
        signal,
        onProgress: (pass) => options.onProgress('k-means', pass, passes),
      }),
  };
  for (const baseline of baselines) {
    baselineOutcomes.push(
      await withSet(makers[baseline], async (set, engine) =>
        announced(await evaluateFeatures(set, protocol(engine))),
      ),
    );
  }
  return { outcome, baselines: baselineOutcomes, curve, explainedVariance };
}

/** Evaluates up to `curve` kept checkpoints, evenly spread, each with its own SVM at the same C. */
async function curveOf(
  set: DiscriminatorFeatures,
  newest: Outcome,
  protocol: ProtocolOptions,
  { run, curve, say }: RunFeaturesOptions,
): Promise<readonly CheckpointOutcome[]> {
  if (curve === 0) return [];
  const { step, images } = run.checkpoint.metadata;
  const measured = { step, images, accuracy: newest.accuracy };
  const others = (await listCheckpoints(run.folder.checkpoints))
    .toReversed()
    .filter((path) => path !== run.checkpoint.path);
  const count = Math.min(curve - 1, others.length);
  const chosen = Array.from({ length: count }, (_, i) => others[Math.floor((i * others.length) / count)]!);
  const points: CheckpointOutcome[] = [measured];
  for (const path of chosen) {
    const checkpoint = await loadCheckpoint(path);
    await set.load(checkpoint);
    const { accuracy } = await evaluateFeatures(set, protocol);
    points.push({ step: checkpoint.metadata.step, images: checkpoint.metadata.images, accuracy });
    say(
      `${(100 * accuracy).toFixed(2).padStart(6)}%   at ${checkpoint.metadata.images.toLocaleString('en')} images`,
    );
  }
  return points.sort((a, b) => a.step - b.step);
}

/** Throws UserError for the first feature set whose matrix is too large. */
function checkMemory(options: RunFeaturesOptions): void {
  const { task, run, network, baselines, centroids, memoryBytes } = options;
  const count = task.split.fit.length + task.split.heldOut.length;
  const sizes: Readonly<Record<string, number>> = {
    [network === 'discriminator' ? "D's layers" : "the latent, and G's layers"]:
      network === 'discriminator' ? discriminatorFeatureCount(run.config) : generatorFeatureCount(run.config),
    ...(baselines.includes('pixels') && { 'raw pixels': lengthOf(imageShape(run.config)) }),
    ...(baselines.includes('random') && { 'D before training': discriminatorFeatureCount(run.config) }),
    ...(baselines.includes('kmeans') && { 'k-means': 4 * centroids }),
  };
  for (const [title, features] of Object.entries(sizes)) {
    if (matrixBytes(count, features) > memoryBytes) {
      // The matrix's own check, which allocates nothing.
      new FeatureMatrix(count, features, memoryBytes, title);
    }
  }
  if (count === 0) throw new UserError('there are no images to learn from');
}
