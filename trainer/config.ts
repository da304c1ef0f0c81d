// The configuration of a run: one flat record, validated once, frozen, saved with the run, and enough to repeat it.
import type { LatentDistribution } from '../runtime-web/format/random.ts';
import type { EngineName } from './engine/engine.ts';

/** Everything that decides a training run. Lengths in pixels, rates per update, intervals in steps. */
export interface TrainConfig {
  /** `avatars`, or a path: a folder, zip, IDX, CIFAR-10, CelebA or LSUN. */
  readonly data: string;
  /** Power of two, 16 to 256. */
  readonly imageSize: number;
  readonly channels: 1 | 3;
  /** Mirror half of the images at random. */
  readonly flip: boolean;
  /** Channels of the layer next to the images; each layer further in has twice as many. 1 to 512. */
  readonly baseWidth: number;
  readonly kernel: 4 | 5;
  /** Size of z, 1 to 4096. */
  readonly latent: number;
  readonly latentDistribution: LatentDistribution;
  /** The generator's way up: fractionally-strided convolution (the paper's), or nearest-neighbour and convolution. */
  readonly upsampling: 'transposed' | 'nearest';
  /** First layer of G and last of D: convolutions from and to 1x1, or dense layers (projection and logit). */
  readonly head: 'convolutional' | 'dense';
  /** Probability of dropping a channel's activation in D, 0 to 0.9. */
  readonly dropout: number;
  /** Whether D sees real and fake images in batches of their own (default) or in one. */
  readonly discriminatorBatch: 'separate' | 'joined';
  readonly objective: 'non-saturating' | 'minimax';
  /** One-sided label smoothing: real labels are 1 minus this, 0 to 0.5 (Salimans 2016, section 3.4). */
  readonly labelSmoothing: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  /** Decay of the averaged generator weights per update, 0 to 0.99999; 0 keeps no average. */
  readonly averageDecay: number;
  /** Totals of the run; exactly one is set. */
  readonly steps: number | null;
  readonly images: number | null;
  readonly minutes: number | null;
  readonly seed: number;
  readonly engine: 'auto' | EngineName;
  /** CPU threads; null takes the engine's default. */
  readonly threads: number | null;
  readonly reportEvery: number;
  readonly sampleEvery: number;
  readonly checkpointEvery: number;
  /** Newest checkpoints kept. */
  readonly keepCheckpoints: number;
  /** Images in a sample grid: a square number. */
  readonly sampleCount: number;
}
