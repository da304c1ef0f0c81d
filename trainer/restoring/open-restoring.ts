// Opens a run for restoring, with frozen generator and discriminator. A model package is not enough: restoring needs the discriminator
// and gradients with respect to the latents.
import { openTrainedRun, refuseConditionalRun, refuseWithout, type TrainedRun } from '../run/trained-run.ts';
import { freezeDiscriminator } from '../training/architectures/freeze-discriminator.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Job } from '../job.ts';
import type { Engine } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import { openRunData, type RunData } from '../run/run-data.ts';
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

/**
 * Opens the images that a run was trained on, or the images at `data`. Throws UserError if they cannot be opened; the message adds
 * that D's statistics need them.
 */
export async function openTrainingData(
  run: TrainedRun,
  data: string | null,
  { signal, warn }: Pick<Job, 'signal' | 'warn'>,
  onDecoded: (done: number, total: number) => void = () => undefined,
): Promise<RunData> {
  try {
    return await openRunData(run, {
      data,
      signal,
      warn,
      onProgress: ({ done, total }) => onDecoded(done, total),
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      `${error.message} (restoring measures the discriminator's batch-norm statistics on training images: give them with --data)`,
    );
  }
}

/** The run's networks. The engine measures D's batch-norm statistics on images drawn from the whole dataset. */
export async function freezeNetworks(
  engine: Engine,
  run: TrainedRun,
  dataset: Dataset,
): Promise<RestoringNetworks> {
  return {
    generator: run.generator,
    discriminator: await freezeDiscriminator(engine, run, dataset),
    distribution: run.config.latentDistribution,
  };
}
