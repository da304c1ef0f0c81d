// Which of the pairs that were compared closely are copies. One threshold does not fit all pictures: two photographs of one
// car differ more than two pairs of black trousers do. So a pair counts up to a small difference always, and up to a larger
// one where both pictures are clearly nearer to each other than to almost everything else.
/** Two pictures by their numbers, the lower first, and how different they are: see {@link difference}. */
export interface ComparedPair {
  readonly first: number;
  readonly second: number;
  readonly difference: number;
}

/** How strictly to decide. */
export interface DecideOptions {
  /** Pairs up to this difference are copies. */
  readonly surely: number;
  /** Pairs up to this one are where they stand out. */
  readonly atMost: number;
}

/** What was found by looking at planted copies among photographs and among pictures of clothes. */
export const usualLimits: DecideOptions = { surely: 0.08, atMost: 0.15 };

/** Copies stand out where all but one of a picture's other neighbours differ by more than so many times as much. */
const standsOut = 1.7;
const othersAllowed = 1;
/** Of a picture with so many neighbours, all of them alike, more may be alike than were looked at: nothing stands out. */
const crowd = 8;

/** The pairs that are copies, in the order that they came. */
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

  /** The largest difference that counts for a picture, given those of all its neighbours, rising. */
  function limitOf(differences: readonly number[]): number {
    let limit = surely;
    for (let i = 0; i < differences.length; i++) {
      const value = differences[i]!;
      if (value > atMost) break;
      const alike = differences.slice(i + 1).filter((other) => other <= standsOut * value).length;
      if (differences.length >= crowd && i + 1 + alike === differences.length) break;
      if (alike <= othersAllowed) limit = Math.max(limit, value);
    }
    return limit;
  }
}
