// Compares the predictions of images before and after an edit: how often it adds its attribute, and which other predictions change.
import type { AttributeInfo } from '../../data/source.ts';

/** Effect of an edit of one attribute, on images without it. */
export interface Effect {
  /** Fraction of the images that have the attribute afterwards. */
  readonly success: number;
  /** Fraction of the other attributes' predictions that changed. */
  readonly othersMoved: number;
  /** For each attribute, the fraction of the images in which its prediction changed. */
  readonly moved: readonly number[];
}

/** True if image `i` has binary attribute `a`; for a continuous attribute, if its value is above the middle, 0. */
export function isOn(
  predictions: Float32Array,
  attributes: readonly AttributeInfo[],
  i: number,
  a: number,
): boolean {
  return predictions[i * attributes.length + a]! > (attributes[a]!.kind === 'binary' ? 0.5 : 0);
}

/** A continuous attribute counts as moved if its value, in [-1, 1], changes by more than this. */
const movedBy = 0.5;

/**
 * Compares predictions [count, attributes] before and after an edit of attribute `target`. It succeeds if the target is present (or
 * above the middle) afterwards. An attribute has moved if its prediction flips, if its category is another one, or if its value
 * changes by a quarter of its range.
 */
export function effectOf(
  before: Float32Array,
  after: Float32Array,
  attributes: readonly AttributeInfo[],
  target: number,
): Effect {
  const width = attributes.length;
  const count = before.length / width;
  const hasMoved = (i: number, a: number): boolean => {
    const [from, to] = [before[i * width + a]!, after[i * width + a]!];
    const { kind } = attributes[a]!;
    if (kind === 'categorical') return from !== to;
    if (kind === 'continuous') return Math.abs(from - to) > movedBy;
    return isOn(before, attributes, i, a) !== isOn(after, attributes, i, a);
  };
  const shareOf = (holds: (i: number) => boolean): number => {
    let found = 0;
    for (let i = 0; i < count; i++) if (holds(i)) found += 1;
    return found / count;
  };
  const moved = attributes.map((_, a) => shareOf((i) => hasMoved(i, a)));
  const others = moved.filter((_, a) => a !== target);
  return {
    success: shareOf((i) => isOn(after, attributes, i, target)),
    othersMoved: others.reduce((sum, share) => sum + share, 0) / others.length,
    moved,
  };
}
