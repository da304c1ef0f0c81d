// The share of samples that are nearer to a training image than to any held-out one, with equally many images on both sides. It is 1/2 for a
// generator to which all images of the kind are alike (the three samples of Meehan 2020, with the control drawn to equal size).
import { distanceBlocks } from '../metrics/precision-recall.ts';
import type { FeatureRows, Products } from '../metrics/products.ts';
import { effectiveCount, shareInterval, type Estimate } from './share-interval.ts';

/** A sample with its nearest image on both sides, by index, and the distances to them. */
export interface NearestPair {
  readonly sample: number;
  readonly training: number;
  readonly heldOut: number;
  readonly trainingDistance: number;
  readonly heldOutDistance: number;
}

/** The result of {@link nearestShare}. */
export interface NearestShare {
  /** Share of samples that are nearer to training images; ties count half. */
  readonly share: Estimate;
  /** Number of independent samples that the interval counts; see {@link effectiveCount}. */
  readonly effective: number;
  /** Median over samples of the distance to the nearest training image divided by that to the nearest held-out image. */
  readonly distanceRatio: number;
  /** Samples at less than half of the distance to the nearest image of the other side: copies of training images, and by the same rule of held-out ones. */
  readonly copies: { readonly training: number; readonly heldOut: number };
  /** The samples with the smallest ratio of the two distances, one for each training image. */
  readonly closest: readonly NearestPair[];
}

/**
 * Compares samples with held-out images and with as many training images, in each of several draws: rows `d · n` to `(d + 1) · n` of
 * `training` are draw d, where n is the number of held-out images. Figures are means over the draws, `closest` is of the first one.
 * Throws RangeError unless the training images are a multiple of the held-out ones.
 */
export async function nearestShare(
  products: Products,
  samples: FeatureRows,
  training: FeatureRows,
  heldOut: FeatureRows,
  shown: number,
): Promise<NearestShare> {
  const n = heldOut.count;
  if (n === 0 || training.count === 0 || training.count % n !== 0) {
    throw new RangeError(`training images: got ${training.count}, expected a multiple of ${n}`);
  }
  const draws = training.count / n;
  const toHeldOut = await nearest(products, samples, heldOut, n);
  const toTraining = await nearest(products, samples, training, n);
  let [nearer, effective, copiesOfTraining, copiesOfHeldOut] = [0, 0, 0, 0];
  const ratios: number[] = [];
  const pairs: NearestPair[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const counts = new Float64Array(2 * n);
    for (let sample = 0; sample < samples.count; sample++) {
      const own = toTraining[sample]![draw]!;
      const other = toHeldOut[sample]![0]!;
      const [trainingDistance, heldOutDistance] = [own.distance, other.distance];
      const isTie = trainingDistance === heldOutDistance;
      if (isTie) nearer += 0.5;
      else if (trainingDistance < heldOutDistance) nearer += 1;
      counts[trainingDistance <= heldOutDistance ? own.image - draw * n : n + other.image]! += 1;
      if (trainingDistance < heldOutDistance / 2) copiesOfTraining += 1;
      if (heldOutDistance < trainingDistance / 2) copiesOfHeldOut += 1;
      ratios.push(isTie ? 1 : trainingDistance / heldOutDistance);
      if (draw === 0) {
        pairs.push({
          sample,
          training: own.image,
          heldOut: other.image,
          trainingDistance,
          heldOutDistance,
        });
      }
    }
    effective += effectiveCount(counts);
  }
  const compared = draws * samples.count;
  const ratioOf = (pair: NearestPair): number => pair.trainingDistance / (pair.heldOutDistance || 1e-12);
  return {
    share: shareInterval(nearer / compared, effective / draws),
    effective: effective / draws,
    distanceRatio: ratios.sort((a, b) => a - b)[ratios.length >> 1]!,
    copies: { training: copiesOfTraining / draws, heldOut: copiesOfHeldOut / draws },
    closest: pairs
      .sort((a, b) => ratioOf(a) - ratioOf(b))
      .filter(({ training: image }, i, all) => all.findIndex((pair) => pair.training === image) === i)
      .slice(0, shown),
  };
}

interface Near {
  readonly image: number;
  readonly distance: number;
}

/** For each sample, the nearest image in each part of `part` rows. */
async function nearest(
  products: Products,
  samples: FeatureRows,
  images: FeatureRows,
  part: number,
): Promise<Near[][]> {
  const found: Near[][] = [];
  for await (const { count, distances } of distanceBlocks(products, samples, images)) {
    for (let i = 0; i < count; i++) {
      const row = distances.subarray(i * images.count, (i + 1) * images.count);
      const ofParts: Near[] = [];
      for (let first = 0; first < images.count; first += part) {
        let image = first;
        for (let j = first + 1; j < first + part; j++) if (row[j]! < row[image]!) image = j;
        ofParts.push({ image, distance: Math.sqrt(row[image]!) });
      }
      found.push(ofParts);
    }
  }
  return found;
}
