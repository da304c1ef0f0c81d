// The images that a run was trained on, for what is asked of its networks afterwards.
import { resolve } from 'node:path';
import type { DecodeProgress, Dataset } from '../data/dataset.ts';
import { openDataset } from '../data/dataset.ts';
import { UserError } from '../errors.ts';
import type { TrainedRun } from './trained-run.ts';

/** Opened data; whoever opened it closes the dataset. */
export interface RunData {
  readonly dataset: Dataset;
  /** What is not as it was in training, in words; null where the images are the same. */
  readonly difference: string | null;
}

/** A `--data` as it is opened: `avatars`, or a path from `folder`. */
export function resolveData(folder: string, data: string): string {
  return data === 'avatars' ? data : resolve(folder, data);
}

/** How to open them. */
export interface RunDataOptions {
  /** Where they are; null for where the run had them from. */
  readonly data: string | null;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: DecodeProgress) => void;
}

/**
 * Opens a run's images at its size and channels. Throws UserError where they cannot be used, telling for the run's own
 * that `--data` finds them elsewhere; the signal's reason when aborted.
 */
export async function openRunData(
  { config, checkpoint }: Pick<TrainedRun, 'config' | 'checkpoint'>,
  { data, signal, onProgress }: RunDataOptions,
): Promise<RunData> {
  const { imageSize, channels } = config;
  const dataset = await openDataset({
    data: data ?? config.data,
    imageSize,
    channels,
    signal,
    ...(onProgress && { onProgress }),
  }).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    if (error.message.startsWith('--channels')) {
      throw new UserError(
        `--data ${data ?? config.data}: the images are grey, and the run's are in colour; give others`,
      );
    }
    if (data !== null) throw error;
    throw new UserError(
      `the run's images are not at hand (${error.message}); give --data with the place where they lie now`,
    );
  });
  const then = checkpoint.metadata.dataset;
  if (then['fingerprint'] === undefined || then['fingerprint'] === dataset.fingerprint) {
    return { dataset, difference: null };
  }
  const held = typeof then['count'] === 'number' ? ` of ${then['count']} images` : '';
  return {
    dataset,
    difference: `${dataset.name} (${dataset.count} images) is not as the data were in training (${String(then['name'])}${held})`,
  };
}
