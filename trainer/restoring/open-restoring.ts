// Opens a run for restoring: its generator and discriminator, frozen, on one engine. A model package is not enough: it has no
// discriminator and no way from images to latents.
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openTrainedRun, refuseConditionalRun, refuseStyleRun, type TrainedRun } from '../run/trained-run.ts';
import { freezeDiscriminator } from '../frozen/discriminator-statistics.ts';
import type { TrainConfig } from '../config/fields.ts';
import { openDataset, type Dataset } from '../data/dataset.ts';
import type { Engine } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import { modelFileName } from '../model-package/package-folder.ts';
import { runFolderAt } from '../run/run-folder.ts';
import type { RestoringNetworks } from './restoring-step.ts';

/**
 * Opens the run at `path` like {@link openTrainedRun}. Throws UserError for a model package outside a run, with what is
 * missing.
 */
export async function openRunToRestore(path: string, checkpoint: string | null): Promise<TrainedRun> {
  const isThere = async (file: string): Promise<boolean> => (await stat(file).catch(() => null)) !== null;
  const isInRun =
    (await isThere(runFolderAt(path).config)) || (await isThere(runFolderAt(dirname(path)).config));
  if (!isInRun && (path.endsWith('.json') || (await isThere(join(path, modelFileName))))) {
    throw new UserError(
      `${path}: a model without the run that made it; restoring needs gradients and the discriminator, ` +
        'which the run has in its checkpoints: give the run',
    );
  }
  const run = await openTrainedRun(path, checkpoint);
  refuseConditionalRun(run, 'restoring');
  refuseStyleRun(run, 'restoring');
  return run;
}

/**
 * Opens a run's training images, or others of their kind. Throws UserError, with their purpose, if they are missing.
 */
export async function openTrainingData(
  { imageSize, channels, data: own }: TrainConfig,
  data: string | null,
  signal: AbortSignal,
  onDecoded: (done: number, total: number) => void = () => undefined,
): Promise<Dataset> {
  try {
    return await openDataset({
      data: data ?? own,
      imageSize,
      channels,
      signal,
      onProgress: ({ done, total }) => onDecoded(done, total),
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      `${error.message} (the discriminator is frozen by statistics of training images: give them with --data)`,
    );
  }
}

/** The run's networks. D's statistics are taken of the dataset's first thousand images, on the engine. */
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
