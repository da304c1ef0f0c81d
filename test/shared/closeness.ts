// Distances between two lists of numbers. The relative error suits sums with cancellation: it is the largest error over the
// largest magnitude.
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

/** The largest |a - b|; lists of different lengths fail the test. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assert.is(a.length, b.length);
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
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
