// Decides which of the compared pairs are copies. No single threshold fits all images: two photographs of one car differ more
// than two pairs of black trousers. So a pair counts if its difference is below a low threshold, or if it is below a higher one
// and both images are clearly nearer to each other than to almost all others.

/** A pair of image indices, the lower one first, and its difference: see {@link difference}. */
export interface ComparedPair {
  readonly first: number;
  readonly second: number;
  readonly difference: number;
}

/** Thresholds. */
export interface DecideOptions {
  /** Pairs up to this difference are always copies. */
  readonly surely: number;
  /** Pairs up to this difference are copies if they stand out. */
  readonly atMost: number;
}

/** Tuned on planted copies among photographs and among images of clothes. */
export const usualLimits: DecideOptions = { surely: 0.08, atMost: 0.15 };

/** A pair stands out if all but one of the image's other neighbours differ by more than this factor. */
const standOutFactor = 1.7;
const maxSimilarOthers = 1;
/** An image with this many similar neighbours may have more that were not compared, so no pair stands out. */
const crowd = 8;

/** The pairs that are copies, in their original order. */
export function decidePairs(
  pairs: readonly ComparedPair[],
  { surely, atMost }: DecideOptions = usualLimits,
): readonly ComparedPair[] {
  const near = new Map<number, number[]>();
  for (const { first, second, difference } of pairs) {
    for (const picture of [first, second]) {
      const list = near.get(picture);
      if (list === undefined) near.set(picture, [difference]);
      else list.push(difference);
    }
  }
  const limits = new Map<number, number>();
  for (const [picture, differences] of near) limits.set(picture, limitOf(differences.sort((a, b) => a - b)));
  return pairs.filter(
    ({ first, second, difference }) => difference <= Math.min(limits.get(first)!, limits.get(second)!),
  );

  /** The largest difference at which pairs of an image count, from the sorted differences of all its neighbours. */
  function limitOf(differences: readonly number[]): number {
    let limit = surely;
    for (let i = 0; i < differences.length; i++) {
      const value = differences[i]!;
      if (value > atMost) break;
      const similar = differences.slice(i + 1).filter((other) => other <= standOutFactor * value).length;
      if (differences.length >= crowd && i + 1 + similar === differences.length) break;
      if (similar <= maxSimilarOthers) limit = Math.max(limit, value);
    }
    return limit;
  }
}
