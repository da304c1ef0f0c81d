// Opens a run for restoring, with frozen generator and discriminator. A model package is not enough: restoring needs the discriminator
// and gradients with respect to the latents.
import { openTrainedRun, refuseConditionalRun, refuseWithout, type TrainedRun } from '../run/trained-run.ts';
import { freezeDiscriminator } from '../training/architectures/freeze-discriminator.ts';
import type { Job } from '../job.ts';
import type { Engine } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import { calibrateDiscriminator, type CalibrationResult } from '../run/calibrate-discriminator.ts';
import { openRunData, type RunData } from '../run/run-data.ts';
import { insideOf } from '../training/architectures/table.ts';
import { hasRelativeLogits, restoringDiscriminator } from './restoring-discriminator.ts';
import type { RestoringNetworks } from './restoring-step.ts';

/**
 * Opens the run at `path` as {@link openTrainedRun} does. Throws UserError for a run whose networks cannot restore.
 */
export async function openRunToRestore(path: string, checkpoint: string | null): Promise<TrainedRun> {
  const run = await openTrainedRun(path, checkpoint);
  refuseConditionalRun(run, 'restoring');
  refuseWithout('restoring', run, 'restoring');
  return run;
}

/** Options of {@link openTrainingData}. */
export interface TrainingDataOptions extends Pick<Job, 'signal' | 'warn'> {
  /** Path of the images; null for the run's own. */
  readonly data: string | null;
  /** True if restored images are compared with training images. */
  readonly isCompared: boolean;
  readonly onDecoded?: (done: number, total: number) => void;
}

/**
 * Opens the images that a run was trained on. If they are not at hand, and only the discriminator's calibration needs them, the reason.
 * Throws UserError otherwise; the message adds the need.
 */
export async function openTrainingData(
  run: TrainedRun,
  { data, isCompared, signal, warn, onDecoded = () => undefined }: TrainingDataOptions,
): Promise<RunData | UserError> {
  try {
    return await openRunData(run, {
      data,
      signal,
      warn,
      onProgress: ({ done, total }) => onDecoded(done, total),
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const isMeasured = run.config.discriminatorNorm === 'batch';
    if (data === null && !isMeasured && !isCompared) return error;
    const need = isMeasured
      ? "measures the discriminator's batch-norm statistics on training images"
      : isCompared
        ? 'compares with the nearest training images'
        : 'calibrates the discriminator on training images';
    throw new UserError(`${error.message} (restoring ${need}: give them with --data)`);
  }
}

/** Networks for restoring; without a calibration that they need, `complaint` is the reason. */
export interface OpenedNetworks extends CalibrationResult {
  readonly networks: RestoringNetworks;
}

/** Options of {@link freezeNetworks}. */
export interface FreezeOptions {
  readonly engine: Engine;
  /** The training images, or the reason for which they are not at hand. */
  readonly opened: RunData | UserError;
  /** Path of the images; null for the run's own. */
  readonly data: string | null;
  /** False if the loss has no realism term, which alone needs the calibration. */
  readonly isCalibrated: boolean;
  readonly signal: AbortSignal;
  readonly onCalibrated: (done: number, total: number) => void;
}

/**
 * The run's networks. The engine measures D's batch-norm statistics on images drawn from the whole dataset and, if its logits have no
 * zero of their own, its calibration, as the export of `restoring.onnx` does.
 */
export async function freezeNetworks(
  run: TrainedRun,
  { engine, opened, data, isCalibrated, signal, onCalibrated }: FreezeOptions,
): Promise<OpenedNetworks> {
  const { config, checkpoint, conditioning, generator } = run;
  const isAbsent = opened instanceof UserError;
  const discriminator = isAbsent
    ? insideOf(config).freezeDiscriminator(config, checkpoint.state, {})
    : await freezeDiscriminator(engine, run, opened.dataset);
  let result: CalibrationResult = { calibration: null, complaint: null };
  if (isCalibrated && hasRelativeLogits(config)) {
    result = isAbsent
      ? { calibration: null, complaint: opened.message }
      : await calibrateDiscriminator({
          ...{ engine, signal, dataset: opened.dataset, data: data ?? config.data },
          networks: { config, conditioning, generator, discriminator },
          onProgress: onCalibrated,
        });
  }
  const networks = {
    generator,
    discriminator: restoringDiscriminator(discriminator, config, result.calibration),
    distribution: config.latentDistribution,
  };
  return { networks, ...result };
}
