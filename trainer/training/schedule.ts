// Learning rates that change during a run: a linear warm-up over the first steps, and a decay to zero at the planned end. The factor
// multiplies the rates of G and D, which are inputs of the compiled step.
import type { TrainConfig } from '../config/fields.ts';

/**
 * The factor of the learning rates in step `stepNumber` (1 for the first), with the fraction `done` of the run behind it:
 * min(1, stepNumber / warmup) times 1, 1 - done, or (1 + cos(π done)) / 2 (Loshchilov 2017, equation 5, without restarts).
 */
export function rateFactor(
  { schedule, warmup }: Pick<TrainConfig, 'schedule' | 'warmup'>,
  stepNumber: number,
  done: number,
): number {
  const rise = warmup === 0 ? 1 : Math.min(1, stepNumber / warmup);
  return rise * decays[schedule](Math.min(1, done));
}

const decays: Readonly<Record<TrainConfig['schedule'], (done: number) => number>> = {
  constant: () => 1,
  linear: (done) => 1 - done,
  cosine: (done) => (1 + Math.cos(Math.PI * done)) / 2,
};
