// Opens labelled images like a model's, for the attribute classifiers of a command.
import { resolve } from 'node:path';
import { openDataset, type Dataset } from '../../data/dataset.ts';
import type { Job } from '../../job.ts';
import type { ModelPackage } from '../../model-package/read-package.ts';
import { attributesOf } from './attribute-classifier.ts';

/**
 * Opens the labelled images for a model's classifier; close them after use. Throws UserError for data without attributes.
 */
export async function openLabelled(
  { model }: ModelPackage,
  data: string,
  { cwd, signal }: Job,
): Promise<Dataset> {
  const { imageSize, channels } = model;
  const dataset = await openDataset({
    data: data === 'avatars' ? data : resolve(cwd, data),
    imageSize,
    channels,
    signal,
  });
  try {
    attributesOf(dataset);
  } catch (error) {
    await dataset.close();
    throw error;
  }
  return dataset;
}
