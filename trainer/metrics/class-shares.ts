// The classes of a conditional model's samples, in the shares of the data that they are compared with: a model that is shown each
// class equally often would be far from data where the classes are not equally frequent.

/** Images per class. */
export interface ClassCounts {
  readonly names: readonly string[];
  readonly counts: readonly number[];
}

/** The golden ratio's fraction: its multiples modulo 1 are spread evenly at every length. */
const step = (Math.sqrt(5) - 1) / 2;

/**
 * The class of image 0, 1, 2, … in the shares of `counts`; classes of equal counts take turns. Throws RangeError if no class has an
 * image.
 */
export function labelByShares(counts: readonly number[]): (index: number) => number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) throw new RangeError('counts: got only zeros, expected an image');
  if (counts.every((count) => count === counts[0])) return (index) => index % counts.length;
  return (index) => {
    let left = ((index + 0.5) * step) % 1;
    left *= total;
    const label = counts.findIndex((count) => (left -= count) < 0);
    // Rounding may pass the last class's end.
    return label >= 0 ? label : counts.findLastIndex((count) => count > 0);
  };
}

/**
 * The counts of the data's classes in the order of a model's, by name. Without a name in common they go by position if there are as
 * many classes, as after `--class-names`; null otherwise.
 */
export function countsFor(names: readonly string[], data: ClassCounts | null): readonly number[] | null {
  if (data === null) return null;
  const counts = names.map((name) => data.counts[data.names.indexOf(name)] ?? 0);
  if (counts.some((count) => count > 0)) return counts;
  return names.length === data.names.length ? data.counts : null;
}

/** `cat 90%, dog 10%`. */
export function mixText(names: readonly string[], counts: readonly number[]): string {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return names.map((name, i) => `${name} ${Number(((100 * counts[i]!) / total).toFixed(1))}%`).join(', ');
}
