// Area under the ROC curve: the probability that an image with an attribute gets a higher score than one without it. 0.5 is chance.

/** Ranks of values, from 1; equal values share their mean rank. */
export function ranksOf(values: Float32Array): Float64Array {
  const order = Uint32Array.from(values, (_, i) => i).sort((i, j) => values[i]! - values[j]!);
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length;) {
    let end = start;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end += 1;
    for (let at = start; at < end; at++) ranks[order[at]!] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}

/**
 * The area, from the {@link ranksOf} of the scores (Mann and Whitney's U over all pairs); NaN if all images are of one
 * kind.
 */
export function areaUnderCurve(ranks: Float64Array, isPositive: ArrayLike<boolean | number>): number {
  let [positives, sum] = [0, 0];
  for (let i = 0; i < ranks.length; i++) {
    if (!isPositive[i]) continue;
    positives += 1;
    sum += ranks[i]!;
  }
  return (sum - (positives * (positives + 1)) / 2) / (positives * (ranks.length - positives));
}
