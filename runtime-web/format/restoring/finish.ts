// The last step of restoring: blends the known pixels with the generated image, differently for each task. The trainer and pages share
// this code.
import type { ImageShape } from '../image-shape.ts';
import { withLuminance } from './colour.ts';
import { contextWeights } from './context-weights.ts';
import { blendByNoise, noiseDeviation } from './noise.ts';
import { poissonBlend } from './poisson.ts';
import type { RestoringTask } from './task.ts';

/** An image to restore. */
export interface Degraded extends ImageShape {
  readonly task: RestoringTask;
  /** [height, width, channels] in [-1, 1]: with holes, noisy, or grey in every channel. */
  readonly picture: Float32Array<ArrayBuffer>;
  /** [height, width], 1 where pixels are missing; `inpaint` only. */
  readonly mask: ArrayLike<number> | null;
}

/** Weights of the pixels in the loss, [height, width]. */
export function pixelWeights({ mask, width, height }: Degraded): Float32Array<ArrayBuffer> {
  return mask === null ? new Float32Array(width * height).fill(1) : contextWeights(mask, { width, height });
}

/** Blends the degraded and the generated image into the restored one; all [height, width, channels]. */
export function finished(degraded: Degraded, generated: Float32Array): Float32Array<ArrayBuffer> {
  const { task, picture, mask } = degraded;
  if (task === 'inpaint') return poissonBlend(picture, generated, mask ?? [], degraded);
  if (task === 'colourise') return withLuminance(picture, generated);
  return blendByNoise(picture, generated, degraded, noiseDeviation(picture, degraded));
}
