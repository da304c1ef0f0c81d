// The last step of restoring: what is known of the picture and what the generator draws for it become one picture, by the
// task's own way. The same code in the trainer and in pages.
import { withLuminance } from './colour.ts';
import { contextWeights } from './context-weights.ts';
import { blendByNoise, noiseDeviation } from './noise.ts';
import { poissonBlend } from './poisson.ts';
import type { RestoringTask } from './task.ts';

/** A picture to be restored. */
export interface Degraded {
  readonly task: RestoringTask;
  /** [side · side · channels] in [-1, 1]: with holes, noisy, or grey in every channel. */
  readonly picture: Float32Array<ArrayBuffer>;
  /** [side · side], 1 where pixels are missing; of `inpaint` alone. */
  readonly mask: ArrayLike<number> | null;
  readonly side: number;
  readonly channels: 1 | 3;
}

/** How much each pixel counts when latents are looked for: [side · side]. */
export function pixelWeights({ mask, side }: Degraded): Float32Array<ArrayBuffer> {
  return mask === null ? new Float32Array(side * side).fill(1) : contextWeights(mask, side);
}

/** The restored picture, of the degraded one and of what the generator draws for it, both [side · side · channels]. */
export function finished(degraded: Degraded, drawn: Float32Array): Float32Array<ArrayBuffer> {
  const { task, picture, mask, side, channels } = degraded;
  if (task === 'inpaint') return poissonBlend(picture, drawn, mask ?? [], side, channels);
  if (task === 'colourise') return withLuminance(picture, drawn);
  return blendByNoise(picture, drawn, side, channels, noiseDeviation(picture, side, channels));
}
