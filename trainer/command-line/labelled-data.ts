// The labelled images that a command trains its classifiers on.
import { UserError } from '../errors.ts';
import type { Job } from '../job.ts';
import { resolveData } from '../run/run-data.ts';

/**
/**
 * The resolved value of `--data`; avatars for a model of avatars. Throws UserError for a model of other images without `--data`: a classifier
 * of avatars says nothing about them. `trainedOn` is the name of the model's training data; null for an imported model.
 */
export function labelledData(
  given: string | null,
  trainedOn: string | null,
  job: Pick<Job, 'cwd' | 'warn'>,
): string {
  if (given !== null) return resolveData(job, given);
  if (trainedOn === 'avatars') return 'avatars';
  throw new UserError(
    `the model was ${trainedOn === null ? 'imported' : `trained on ${trainedOn}`}, and a classifier needs labelled images like ${trainedOn === null ? 'those it was trained on' : 'these'}: give --data with images that have ` +
      'attributes, such as CelebA with list_attr_celeba.txt; or --data avatars if the images are like avatars',
  );
}
