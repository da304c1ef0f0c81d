// The request and the result of one training, which both sides of the comparison, `train` and the peer, share.
import type { ImageSet } from '../../../trainer/metrics/image-set.ts';
import type { OpenSet } from './open-set.ts';

/** Settings that all cells of a comparison share; figures with other ones are not comparable. */
export interface Settings {
  /** Minutes of training. */
  readonly minutes: number;
  readonly width: number;
  readonly threads: number;
  readonly engine: string;
  /** Number of equally spaced points of time that are measured, the end included. */
  readonly points: number;
  /** Images of each side at the end, and at the points before it. */
  readonly count: number;
  readonly pointCount: number;
  /** Trainings end after as many images as their rate, measured before, makes in the minutes, however busy the machine is. */
  readonly isByRate: boolean;
}

/** One training. */
export interface TrainingJob {
  readonly set: OpenSet;
  readonly settings: Settings;
  readonly seed: number;
  /** Threads of this training: those of the settings, or with a rate any number. */
  readonly threads: number;
  /** Images per second, measured before, that make images of seconds; null to train by the clock. */
  readonly rate: number | null;
  /** An empty folder for its files. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Called with the seconds trained so far. */
  readonly onProgress: (seconds: number) => void;
}

/** A short training that measures its rate. */
export type RateJob = Omit<TrainingJob, 'rate' | 'onProgress'> & { readonly seconds: number };

/** The state of a training at a point of time. */
export interface TrainedPoint {
  /** Seconds of training, without those that samples for the evaluation took. */
  readonly seconds: number;
  readonly images: number;
  /** Opens the images that it generates. */
  open(): Promise<ImageSet>;
}

/** A finished training. */
export interface Trained {
  readonly points: readonly TrainedPoint[];
  /** Real images per second, over the steps alone. */
  readonly imagesPerSecond: number;
  /** Why the training ended early; null if it did not. */
  readonly failure: string | null;
  /** More about it, for the cell's file. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** Removes what only the measuring needs. */
  clean(): Promise<void>;
}

/** The points of time in seconds, the last one the end. */
export function pointSeconds({ minutes, points }: Settings): readonly number[] {
  return Array.from({ length: points }, (_, i) => (minutes * 60 * (i + 1)) / points);
}

/** The number of images that a rate makes of seconds. */
export function imagesIn(rate: number, seconds: number): number {
  return Math.round(rate * seconds);
}
