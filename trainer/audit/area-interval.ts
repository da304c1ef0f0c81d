// The area under the ROC curve of training against held-out images, with its interval by DeLong 1988, computed from ranks (Sun and Xu
// 2014).
import { areaUnderCurve, ranksOf } from '../analysis/attributes/area-under-curve.ts';
import { shareInterval, type Estimate } from './share-interval.ts';

/** The quantile of a standard normal variable for an interval of 99%. */
const quantile = 2.575829303548901;

/**
 * The probability that a training image has a higher score than a held-out one, 0.5 by chance, with its 99% interval. If all scores of one
 * side are higher, DeLong's variance is 0; the interval is then that of as many successes as the smaller side has images. Throws
 * RangeError for fewer than 2 scores of either.
 */
export function areaWithInterval(training: Float32Array, heldOut: Float32Array): Estimate {
  const [m, n] = [training.length, heldOut.length];
  if (Math.min(m, n) < 2) throw new RangeError(`scores: got ${m} and ${n}, expected at least 2 of each`);
  const all = ranksOf(Float32Array.from([...training, ...heldOut]));
  const value = areaUnderCurve(
    all,
    Array.from({ length: m + n }, (_, i) => i < m),
  );
  if (value === 0 || value === 1) return shareInterval(value, Math.min(m, n));
  const [own, others] = [ranksOf(training), ranksOf(heldOut)];
  const ofTraining = Float64Array.from(own, (rank, i) => (all[i]! - rank) / n);
  const ofHeldOut = Float64Array.from(others, (rank, i) => 1 - (all[m + i]! - rank) / m);
  const deviation = Math.sqrt(variance(ofTraining) / m + variance(ofHeldOut) / n);
  return {
    value,
    low: Math.max(0, value - quantile * deviation),
    high: Math.min(1, value + quantile * deviation),
  };
}

function variance(values: Float64Array): number {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1);
}
