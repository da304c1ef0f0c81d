// The benchmarked networks at 64x64x3, in float32: DCGAN of width 64 and kernel 4 (PyTorch's example), or R3GAN's.
import type { TrainConfig } from '../../trainer/config/fields.ts';
import { defaultConfig } from '../../trainer/config/fields.ts';

/** Settings of both sides of the comparison. */
export interface BenchSettings {
  /** Default: DCGAN. */
  readonly network?: 'dcgan' | 'modern';
  readonly batch: number;
  readonly latent: number;
  readonly width: number;
  readonly threads: number;
  /** Default false. */
  readonly tf32?: boolean;
}

/**
 * These settings as a configuration of this project, without averaged weights because PyTorch's example has none. R3GAN's networks have
 * one block at each size, relativistic pairing, and R1 and R2 in every fourth step.
 */
export function benchConfig({
  network = 'dcgan',
  batch,
  latent,
  width,
  threads,
  tf32 = false,
}: BenchSettings): TrainConfig {
  return {
    ...defaultConfig,
    network,
    imageSize: 64,
    channels: 3,
    baseWidth: width,
    kernel: 4,
    latent,
    latentDistribution: 'normal',
    head: 'convolutional',
    batch,
    averageDecay: 0,
    threads,
    tf32,
    ...(network === 'modern' && {
      blocks: 1,
      objective: 'relativistic',
      discriminatorNorm: 'none',
      r1: 0.5,
      r2: 0.5,
      r1Every: 4,
      beta1: 0,
      beta2: 0.99,
    }),
  };
}
