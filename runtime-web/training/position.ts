// The position of a training: everything that changes from step to step beside the tensors.
import type { RandomState } from '../format/random.ts';
import type { SavedController } from '../format/training/augmentation/controller.ts';
import type { DataPosition } from '../format/training/batch-order.ts';
import type { SavedSums } from './gathered.ts';

/** Plain data, from which a training goes on exactly. */
export interface Position {
  /** Steps done. */
  readonly step: number;
  /** Real images shown. */
  readonly images: number;
  /** Seconds of the steps alone. */
  readonly stepSeconds: number;
  /** Seconds of training, samples included, pauses not. */
  readonly secondsElapsed: number;
  /** The random stream of latents and masks. */
  readonly random: RandomState;
  /** The position in the data; null if the state has seen none of them. */
  readonly sampler: DataPosition | null;
  /** The figures since the last line of statistics. */
  readonly gathered: SavedSums;
  /** The probability of augmentation; absent where it does not move. */
  readonly augmentation?: SavedController | undefined;
}

/** The configuration keys that say how long a run is. */
export interface RunLength {
  readonly steps: number | null;
  readonly images: number | null;
  readonly minutes: number | null;
}

/** Fraction of the run that is done, at most 1. */
export function shareDone(
  { steps, images, minutes }: RunLength,
  position: Pick<Position, 'step' | 'images' | 'secondsElapsed'>,
): number {
  if (steps !== null) return Math.min(1, position.step / steps);
  if (images !== null) return Math.min(1, position.images / images);
  return minutes === null ? 0 : Math.min(1, position.secondsElapsed / 60 / minutes);
}
