// A line of a run's statistics, for tests to vary.
import type { StatsLine } from '../../trainer/run/stats.ts';

/** The report of a healthy run after `step` steps of 64 images. */
export const healthyLine = (step: number): StatsLine => ({
  step,
  images: step * 64,
  imagesPerSecond: 400,
  dLoss: 0.4,
  gLoss: 2.5,
  dReal: 0.8,
  dFake: 0.2,
  augmentProbability: null,
  dSign: null,
  secondsElapsed: step / 6,
  frechet: null,
  kid: null,
  precision: null,
  recall: null,
  network: null,
  diversity: null,
  collapse: null,
});
