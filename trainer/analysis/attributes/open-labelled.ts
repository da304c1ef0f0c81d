// Opens labelled images like a model's, for the attribute classifiers of a command. `data` is resolved (run/run-data.ts).
import { openDataset, type Dataset } from '../../data/dataset.ts';
import type { Job } from '../../job.ts';
import type { ModelPackage } from '../../model-package/read-package.ts';
import { framingOfRun } from '../../run/run-data.ts';
import { attributesOf } from './attribute-classifier.ts';

/**
 * Opens the labelled images for a model's classifier; close them after use. Throws UserError for data without attributes.
 */
export async function openLabelled(
  { model, folder }: ModelPackage,
  { data, labels }: { readonly data: string; readonly labels: string | null },
  { signal, warn }: Job,
): Promise<Dataset> {
  const { width, height, channels } = model;
  const dataset = await openDataset({
    data,
    labels,
    width,
    height,
    channels,
    framing: await framingOfRun(folder),
    signal,
    warn,
  });
  try {
    attributesOf(dataset);
  } catch (error) {
    await dataset.close();
    throw error;
  }
  return dataset;
}
