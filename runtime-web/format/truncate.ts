// Truncation: images closer to the average one (Karras 2018, appendix B). The page and the trainer share this arithmetic.
import { maxTruncation } from './max-truncation.ts';

/** Throws RangeError for a factor that is no number from 0 to {@link maxTruncation}. */
export function checkTruncation(factor: number): void {
  if (factor >= 0 && factor <= maxTruncation) return;
  throw new RangeError(`truncation: got ${factor}, expected a number from 0 to ${maxTruncation}`);
}

/**
 * Multiplies the distance of styles [count, dim] from the mean style [dim] by `factor`, in place. For latents, whose mean is 0, leave
 * the mean out.
 */
export function truncate(values: Float32Array, factor: number, mean: readonly number[] = [0]): void {
  for (let i = 0; i < values.length; i++) {
    const middle = mean[i % mean.length]!;
    values[i] = middle + factor * (values[i]! - middle);
  }
}
