// The options of a training with their defaults.
import type { DeviceRequest } from '../protocol.ts';
import type { TrainingData } from '../training/images.ts';
import type { GivenPoints } from '../training/points.ts';
import { keyOf } from './kept.ts';
import type { OpenRequest } from './protocol.ts';
import type { TrainerOptions } from './trainer.ts';

/** Options with their defaults. */
export interface KnownOptions extends Omit<TrainerOptions, 'data'> {
  readonly device: DeviceRequest;
  readonly data: TrainingData | GivenPoints;
  readonly timeout: number;
  readonly maxBytes: number;
  /** WebAssembly threads at most. Default: as many as are useful to networks for images. */
  readonly threads?: number;
}

/** The part of a worker's request that the options determine. */
export function requestOf(
  url: string,
  { data, seed, maxBytes, timeout, threads, from, freezeD = 0 }: KnownOptions,
): Pick<OpenRequest, 'url' | 'data' | 'seed' | 'maxBytes' | 'timeout' | 'threads' | 'from'> {
  const start =
    from === undefined ? null : { weights: from instanceof Uint8Array ? from : keyOf(from), freezeD };
  return { url, data, maxBytes, timeout, seed: seed ?? null, threads: threads ?? null, from: start };
}
