// A configuration small enough that a step takes milliseconds, for tests to vary.
import type { TrainConfig } from '../../trainer/config/fields.ts';
import { defaultConfig } from '../../trainer/config/fields.ts';

/** 16x16x3, width 4, batch 4, latent 8, convolutional heads. */
export const smallConfig: TrainConfig = {
  ...defaultConfig,
  imageSize: 16,
  baseWidth: 4,
  latent: 8,
  latentDistribution: 'uniform',
  head: 'convolutional',
  batch: 4,
  steps: 1,
  engine: 'onnx-cpu',
  threads: 2,
  sampleCount: 4,
};
