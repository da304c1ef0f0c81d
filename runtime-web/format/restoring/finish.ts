// The last step of restoring: blends the known pixels with the generated image, differently for each task. The trainer and pages share
// this code.
import { withLuminance } from './colour.ts';
import { contextWeights } from './context-weights.ts';
import { blendByNoise, noiseDeviation } from './noise.ts';
import { poissonBlend } from './poisson.ts';
import type { RestoringTask } from './task.ts';

/** An image to restore. */
export interface Degraded {
  readonly task: RestoringTask;
  /** [side · side · channels] in [-1, 1]: with holes, noisy, or grey in every channel. */
  readonly picture: Float32Array<ArrayBuffer>;
  /** [side · side], 1 where pixels are missing; `inpaint` only. */
  readonly mask: ArrayLike<number> | null;
  readonly side: number;
  readonly channels: 1 | 3;
}

/** Weights of the pixels in the loss, [side · side]. */
export function pixelWeights({ mask, side }: Degraded): Float32Array<ArrayBuffer> {
  return mask === null ? new Float32Array(side * side).fill(1) : contextWeights(mask, side);
}

/** Blends the degraded and the generated image into the restored one; all [side · side · channels]. */
export function finished(degraded: Degraded, generated: Float32Array): Float32Array<ArrayBuffer> {
  const { task, picture, mask, side, channels } = degraded;
  if (task === 'inpaint') return poissonBlend(picture, generated, mask ?? [], side, channels);
  if (task === 'colourise') return withLuminance(picture, generated);
  return blendByNoise(picture, generated, side, channels, noiseDeviation(picture, side, channels));
}
