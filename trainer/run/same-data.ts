// Checks that a resumed run gets the images that it was begun with, wherever they are now.
import { dirname } from 'node:path';
import type { TrainConfig } from '../config/fields.ts';
import type { Dataset } from '../data/dataset.ts';
import { UserError } from '../errors.ts';
import type { Checkpoint } from './checkpoint.ts';

/** True for the description of no data: weights that were imported have been trained on none here. */
export function isNoData(described: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(described).length === 0;
}

/** True if a dataset is the one that a checkpoint describes: the same files, or a copy with the same content. */
export function isSameData(
  described: Readonly<Record<string, unknown>>,
  { fingerprint, contentHash }: Pick<Dataset, 'fingerprint' | 'contentHash'>,
): boolean {
  // Checkpoints of earlier versions describe no content.
  return described['contentHash'] === contentHash || described['fingerprint'] === fingerprint;
}

/**
 * Throws UserError for images with which the run cannot go on: more or fewer, other classes, or other images at a new path. Images
 * that changed in their place are accepted; the result says that they did.
 */
export function checkSameData(
  { path, metadata }: Pick<Checkpoint, 'path' | 'metadata'>,
  { data, labels }: Pick<TrainConfig, 'data' | 'labels'>,
  dataset: Dataset,
): { readonly isSame: boolean } {
  const then = metadata.dataset;
  if (isNoData(then) || isSameData(then, dataset)) return { isSame: true };
  // A page knows of its images their number and their classes.
  const isOfPage = then['page'] === true;
  const isMoved = !isOfPage && (data !== metadata.config.data || labels !== metadata.config.labels);
  const difference = differenceFrom(then, dataset, isMoved);
  if (difference === null) return { isSame: isOfPage };
  const config = `${dirname(dirname(path))}/config.json`;
  throw new UserError(
    `data ${data}: ${difference}; resume with the same images, ` +
      `or start a new run on these: train --config ${config} --data ${data}`,
  );
}

/** The difference that stops a run, in words; null if it can go on. */
function differenceFrom(
  then: Readonly<Record<string, unknown>>,
  { count, classNames }: Dataset,
  isMoved: boolean,
): string | null {
  const before = Number(then['count']);
  if (count !== before) {
    const by = Math.abs(count - before);
    const change = count > before ? `${by} more` : `${by} fewer`;
    return `${count} images now, ${before} when the run was saved (${change})`;
  }
  if (namesText(then['classNames']) !== namesText(classNames)) {
    return 'other classes than when the run was saved';
  }
  return isMoved ? `${count} images, as when the run was saved, but of other content` : null;
}

/** Class names as one text. Names in decomposed and in composed Unicode are the same. */
function namesText(names: unknown): string {
  return (JSON.stringify(names) ?? '').normalize('NFC');
}
