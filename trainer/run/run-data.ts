// The images that a run is trained on: which they are, and how they are opened again for the analysis of its networks.
import { type ImageShape } from '../../runtime-web/format/image-shape.ts';
import { imageShape } from '../config/image-size.ts';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DecodeProgress, Dataset, OpenDatasetOptions } from '../data/dataset.ts';
import { noData } from '../data/no-data.ts';
import { openDataset } from '../data/dataset.ts';
import { defaultFraming, type Framing } from '../data/framing.ts';
import { noCondition, type LabelUse } from '../data/labels/use-columns.ts';
import { parseClassList } from '../data/only-classes.ts';
import { labelUseOf } from '../config/conditioning.ts';
import type { TrainConfig } from '../config/fields.ts';
import { UserError } from '../errors.ts';
import type { Job } from '../job.ts';
import { openRunFolder } from './run-folder.ts';
import { isSameData } from './same-data.ts';
import type { TrainedRun } from './trained-run.ts';

/** A run's data; the caller closes the dataset. */
export interface RunData {
  readonly dataset: Dataset;
  /** Difference from the training data in words; null if the data are the same. */
  readonly difference: string | null;
}

/**
 * Resolves data that a user names: a path against `cwd`; `avatars`, the set that this program draws, stays. Where there is a file or
 * folder of that name, it is meant, and a note says so.
 */
export function resolveData({ cwd, warn }: Pick<Job, 'cwd' | 'warn'>, data: string): string {
  const path = resolve(cwd, data);
  if (data !== 'avatars') return path;
  if (!existsSync(path)) return data;
  warn(
    `note: avatars is ${path} here; for the faces that this program draws, rename that, or work in another folder`,
  );
  return path;
}

/** The images that a configuration names: their path, labels and the classes to use (null for all), at the run's shape and framing. */
export function dataOfConfig(config: TrainConfig): ImageShape & {
  readonly data: string;
  readonly classes: readonly string[] | null;
  readonly labels: string | null;
  readonly labelUse: LabelUse;
  readonly holdOut: string | null;
  readonly framing: Framing;
} {
  const { data, classes, labels, holdOut } = config;
  return {
    ...{ data, holdOut },
    classes: classes === null ? null : parseClassList('--classes', classes),
    labels,
    labelUse: labelUseOf(config),
    ...imageShape(config),
    framing: framingOf(config),
  };
}

/** The labels of data for a run's networks: the run's own if they are its images, else those among the images (null). */
export function labelsOf(config: Pick<TrainConfig, 'data' | 'labels'>, data: string): string | null {
  return data === config.data ? config.labels : null;
}

/** The way in which a run's images are brought to its size. */
export function framingOf({ fit, focus, resample, background }: TrainConfig): Framing {
  return { fit, focus, resample, background };
}

/** The framing of the run at a path, or of the run that has its model there; the default one if there is no run. */
export async function framingOfRun(path: string): Promise<Framing> {
  const run = await runAround(path);
  return run === null ? defaultFraming : framingOf(run.config);
}

/** The run at a path, or the run that has its model there; null if there is none. */
export async function runAround(path: string): Promise<{ readonly config: TrainConfig } | null> {
  for (const root of [path, join(path, '..')]) {
    const run = await openRunFolder(root).catch(() => null);
    if (run !== null) return run;
  }
  return null;
}

/** Options of {@link openRunData}. */
export interface RunDataOptions {
  /** The path of the images; null for the path in the run's configuration. */
  readonly data: string | null;
  /** The path of their labels; null or absent for the path in the run's configuration. */
  readonly labels?: string | null;
  readonly signal: AbortSignal;
  /** Called with warnings about the data. */
  readonly warn?: (line: string) => void;
  readonly onProgress?: (progress: DecodeProgress) => void;
}

/**
 * Opens a run's images, of its classes, at its size, channels and framing. Throws UserError if they cannot be used (the message suggests
 * `--data` if the run's own path fails), and the signal's reason when aborted.
 */
export async function openRunData(
  { config, checkpoint }: Pick<TrainedRun, 'config' | 'checkpoint'>,
  { data, labels = null, signal, warn, onProgress }: RunDataOptions,
): Promise<RunData> {
  const open = (options: OpenDatasetOptions): Promise<Dataset> =>
    openDataset({ ...options, signal, warn, ...(onProgress && { onProgress }) });
  const own = dataOfConfig({
    ...config,
    ...(data !== null && { data }),
    ...(labels !== null && { labels }),
  });
  const dataset = await open(own).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    if (data !== null && /^(labels|--label-column|--condition)\b/.test(error.message)) {
      // Other images than the run's: most analyses need no labels.
      warn?.(`warning: ${error.message}; the images are used without labels`);
      return open({ ...own, labels: null, labelUse: noCondition });
    }
    if (error.message.startsWith('--channels')) {
      throw new UserError(
        `--data ${data ?? config.data}: the images are grey, and the run's are in colour; give others`,
      );
    }
    if (error.message.startsWith('--classes')) {
      throw new UserError(
        `--data ${data ?? config.data}: the run was trained on the classes ${config.classes} alone ` +
          `(${error.message.replace(/^--classes: /, '')}); give --data with images of these classes, a folder each`,
      );
    }
    if (data !== null || config.data === noData) throw error;
    throw new UserError(
      `the run's images are not at hand (${error.message}); give --data with their present path`,
    );
  });
  const trained = checkpoint.metadata.dataset;
  if (trained['fingerprint'] === undefined || isSameData(trained, dataset)) {
    return { dataset, difference: null };
  }
  const size = typeof trained['count'] === 'number' ? ` of ${trained['count']} images` : '';
  return {
    dataset,
    difference: `${dataset.name} (${dataset.count} images) differs from the training data (${String(trained['name'])}${size})`,
  };
}
