// How well a number tells two kinds of images apart: the area under the ROC curve, the chance that an image which has
// something gets a larger number than one that has not. One half is knowing nothing.

/** Ranks of values from 1 on; equal ones share the mean of theirs. */
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

/** The area, from the values' {@link ranksOf} (Mann and Whitney's U over all pairs); NaN where all are of one kind. */
export function areaUnderCurve(ranks: Float64Array, isPositive: ArrayLike<boolean | number>): number {
  let [positives, sum] = [0, 0];
  for (let i = 0; i < ranks.length; i++) {
    if (!isPositive[i]) continue;
    positives += 1;
    sum += ranks[i]!;
  }
  return (sum - (positives * (positives + 1)) / 2) / (positives * (ranks.length - positives));
}
