// A configuration small enough that a step takes milliseconds, for tests to vary.
import type { ImageShape } from '../../runtime-web/format/image-shape.ts';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import { defaultConfig } from '../../trainer/config/fields.ts';
import { imageShape } from '../../trainer/config/image-size.ts';

/** A configuration of squares. */
export type SquareConfig = TrainConfig & { readonly imageSize: number };

/** 16x16x3, width 4, batch 4, latent 8, convolutional heads. */
export const smallConfig: SquareConfig = {
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

/** A configuration as the options of its networks, without conditioning. */
export function shaped<Config extends Pick<TrainConfig, 'imageSize' | 'channels'>>(
  config: Config,
): Config & ImageShape {
  return { ...config, ...imageShape(config) };
}
