// The labelled images that a command trains its classifiers on.
import { resolve } from 'node:path';
import type { TrainConfig } from '../config/fields.ts';
import { noData } from '../data/no-data.ts';
import { describeData } from '../data/open-source.ts';
import { UserError } from '../errors.ts';
import type { Job } from '../job.ts';
import { labelsOf, resolveData } from '../run/run-data.ts';

/** Labelled images: their path or `avatars`, and the path of their labels (null for those among the images). */
export interface LabelledData {
  readonly data: string;
  readonly labels: string | null;
}

/** The model that a classifier is for. */
export interface ClassifiedModel {
  /** The configuration of its run; null without one. */
  readonly config: TrainConfig | null;
  /** The name of its training data; null for an imported model. */
  readonly trainedOn: string | null;
}

/**
 * The images of `--data` and `--labels`; by default those of the model's run if they have attributes, or avatars for a model of avatars
 * outside a run. Throws UserError for other models without `--data`: a classifier of avatars says nothing about them.
 */
export async function labelledData(
  { data, labels }: { readonly data: string | null; readonly labels: string | null },
  { config, trainedOn }: ClassifiedModel,
  job: Pick<Job, 'cwd' | 'warn' | 'signal'>,
): Promise<LabelledData> {
  const given = labels === null ? null : resolve(job.cwd, labels);
  if (data !== null) {
    const path = resolveData(job, data);
    return { data: path, labels: given ?? (config === null ? null : labelsOf(config, path)) };
  }
  if (config !== null && config.data !== noData) {
    const own = { data: config.data, labels: given ?? config.labels };
    const { attributes } = await describeData(own.data, { labels: own.labels, signal: job.signal }).catch(
      (error: unknown) => {
        if (!(error instanceof UserError)) throw error;
        throw new UserError(
          `the run's images cannot be used (${error.message}); give --data with labelled images`,
        );
      },
    );
    if (attributes?.some(({ kind }) => kind !== 'categorical') === true) return own;
  } else if (trainedOn === 'avatars' && given === null) return { data: 'avatars', labels: null };
  const model = trainedOn === null ? 'imported' : `trained on ${trainedOn}`;
  const like = trainedOn === null ? 'those it was trained on' : 'these';
  const table =
    config === null ? '' : '--labels with a table of their attributes (yes or no) and numbers, or ';
  throw new UserError(
    `the model was ${model}, and a classifier needs labelled images like ${like}: give ${table}--data with images that have ` +
      'attributes, such as CelebA with list_attr_celeba.txt; or --data avatars if the images are like avatars',
  );
}
