// The benchmarked network: DCGAN 64x64x3 of width 64 and kernel 4 (PyTorch's example), in float32.
import type { TrainConfig } from '../../trainer/config/fields.ts';
import { defaultConfig } from '../../trainer/config/fields.ts';

/** Settings of both sides of the comparison. */
export interface BenchSettings {
  readonly batch: number;
  readonly latent: number;
  readonly width: number;
  readonly threads: number;
  /** Default false. */
  readonly tf32?: boolean;
}

/** These settings as a configuration of this project, without averaged weights because PyTorch's example has none. */
export function benchConfig({ batch, latent, width, threads, tf32 = false }: BenchSettings): TrainConfig {
  return {
    ...defaultConfig,
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
  };
}
