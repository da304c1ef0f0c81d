// How far two lists of numbers are apart, by the measure that suits sums with cancellation: the largest error over
// the largest magnitude.
import * as assert from 'uvu/assert';

/** The largest |actual - expected| over the largest |expected|; infinite where lengths differ or a value is NaN. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let error = 0;
  let magnitude = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    if (Number.isNaN(difference)) return Infinity;
    error = Math.max(error, difference);
    magnitude = Math.max(magnitude, Math.abs(expected[i]!));
  }
  return error === 0 ? 0 : error / (magnitude || 1);
}

/** Fails with the error, not with a diff of a million numbers. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  const error = relativeError(actual, expected);
  assert.ok(error <= tolerance, `${what}: error ${error.toExponential(2)}, expected at most ${tolerance}`);
}
