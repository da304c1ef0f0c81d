// Restores degraded images: finds latents, blends their images with the known pixels, and compares the results with known originals.
import { finished, pixelWeights, type Degraded } from '../../runtime-web/format/restoring/finish.ts';
import type { Dataset } from '../data/dataset.ts';
import { nearestFill, nearestTraining, plainFill } from './baselines.ts';
import { restoreLatents, type RestoreOptions } from './restore-latents.ts';
import { closenessOf, restoringWays, type Closeness, type RestoringWay } from './restoring-figures.ts';

/** A degraded image, and its original if it is known. */
export interface PictureToRestore {
  readonly name: string;
  readonly degraded: Degraded;
  readonly original: Float32Array | null;
}

/** A restored image; all images are [height, width, channels] in [-1, 1]. */
export interface RestoredPicture extends PictureToRestore {
  /** Images by method; baselines only if the original is known. */
  readonly pictures: Readonly<Partial<Record<RestoringWay, Float32Array>>> &
    Readonly<Record<'degraded' | 'drawn' | 'restored', Float32Array>>;
  /** Closeness to the original by method; null if the original is unknown. */
  readonly closeness: Readonly<Record<RestoringWay, Closeness>> | null;
  readonly z: Float32Array;
  readonly loss: number;
}

/** Options of {@link restorePictures}: degraded images instead of targets. */
export interface RestorePicturesOptions extends Omit<RestoreOptions, 'targets'> {
  readonly pictures: readonly PictureToRestore[];
  /** The training images; the baseline `nearest` searches the first `maxNeighbours` of them. Null only if no original is known. */
  readonly dataset: Dataset | null;
  readonly maxNeighbours: number;
  readonly onCompared?: (done: number, total: number) => void;
}

/** Restores the images, in order. Throws as {@link restoreLatents} does. */
export async function restorePictures(options: RestorePicturesOptions): Promise<RestoredPicture[]> {
  const { pictures, dataset, maxNeighbours, signal, onCompared } = options;
  const found = await restoreLatents({
    ...options,
    targets: pictures.map(({ degraded }) => ({
      picture: degraded.picture,
      weights: pixelWeights(degraded),
    })),
  });
  const measured = pictures.filter(({ original }) => original !== null);
  const nearest =
    measured.length === 0
      ? []
      : await nearestTraining(
          measured.map(({ degraded }) => degraded),
          dataset!,
          maxNeighbours,
          signal,
          onCompared,
        );
  return pictures.map((picture, i) => {
    const { degraded, original } = picture;
    const { picture: drawn, z, loss } = found[i]!;
    const own = { degraded: degraded.picture, drawn, restored: finished(degraded, drawn) };
    if (original === null) return { ...picture, pictures: own, closeness: null, z, loss };
    const place = measured.indexOf(picture);
    const all: Record<RestoringWay, Float32Array> = {
      ...own,
      plain: plainFill(degraded),
      nearest: nearestFill(degraded, nearest[place]!),
    };
    const closeness = Object.fromEntries(
      restoringWays.map((way) => [way, closenessOf(all[way], original, degraded)]),
    ) as Record<RestoringWay, Closeness>;
    return { ...picture, pictures: all, closeness, z, loss };
  });
}
