// R3GAN's discriminator (Huang 2024; Networks.py), the generator's mirror: residual blocks at each size with bilinear halving
// between them, then at the base each channel's inner product with a learned map, and a linear layer. With labels it is a projection
// discriminator (Miyato and Koyama 2018) whose logit is the inner product of the features with the embedded label alone.
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors } from '../engine/engine.ts';
import { bilinearDown } from './bilinear.ts';
import {
  blockNames,
  blockParameters,
  convolve,
  modernLevels,
  residualBlock,
  scaledWeight,
  type ModernLevel,
  type ModernOptions,
} from './modern-block.ts';
import { countParameters, parameter, type LayerSummary, type ParameterSpecs } from './network.ts';

/** Options that determine a discriminator's shape; see TrainConfig. */
export interface ModernDiscriminatorOptions extends ModernOptions {
  readonly channels: number;
  /** Number of classes, attributes or numbers that are projected. Default 0: no projection. */
  readonly projectedColumns?: number;
}

/** The name of the layer with the result of a level's blocks. */
const nameAt = ({ name }: ModernLevel): string => `discriminator/${name}`;

/** The layers from the image to the base, with their shapes. */
export function modernDiscriminatorLayers(options: ModernDiscriminatorOptions) {
  return modernLevels(options)
    .toReversed()
    .map((level) => ({
      name: nameAt(level),
      to: level.channels,
      size: [level.height, level.width] as const,
    }));
}

/** Shapes and initial distributions of all parameters. */
export function modernDiscriminatorParameters(options: ModernDiscriminatorOptions): ParameterSpecs {
  const { channels, projectedColumns: columns = 0 } = options;
  const sizes = modernLevels(options).toReversed();
  const [first, base] = [sizes[0]!, sizes.at(-1)!];
  let specs: ParameterSpecs = {
    'discriminator/image/kernel': scaledWeight([1, 1, channels, first.channels], channels),
  };
  for (const [i, level] of sizes.entries()) {
    for (const name of blockNames('discriminator', level, options)) {
      specs = { ...specs, ...blockParameters(name, level.channels, options) };
    }
    const to = sizes[i + 1]?.channels ?? level.channels;
    if (to === level.channels) continue;
    const down = scaledWeight([1, 1, level.channels, to], level.channels);
    specs = { ...specs, [`${nameAt(level)}/down/kernel`]: down };
  }
  const width = base.channels;
  const pixels = base.height * base.width;
  return {
    ...specs,
    'discriminator/basis/constant': scaledWeight([1, base.height, base.width, width], pixels),
    'discriminator/logit/kernel': scaledWeight([width, columns === 0 ? 1 : width], width),
    ...(columns > 0 && {
      'discriminator/projection/kernel': scaledWeight([columns, width], columns, 1 / Math.sqrt(width)),
    }),
  };
}

/** Options of one pass. */
export interface ModernDiscriminateOptions {
  /** One-hot classes, or attributes or numbers: [b, columns], required with projection. */
  readonly labels?: tf.Tensor | null;
  /** Called with the result of each size's blocks. */
  readonly observe?: (layer: string, activation: tf.Tensor) => void;
  /** Replaces each leaky ReLU. */
  readonly rectify?: (x: tf.Tensor) => tf.Tensor;
}

/**
 * Images [b, height, width, channels] → logits [b], positive for real, and the result of the base's blocks. Throws RangeError if a
 * projection lacks its labels.
 */
export function discriminateModern(
  options: ModernDiscriminatorOptions,
  parameters: NamedTensors,
  images: tf.Tensor,
  { labels = null, observe, rectify }: ModernDiscriminateOptions = {},
): { readonly logits: tf.Tensor; readonly last: tf.Tensor } {
  const { projectedColumns: columns = 0 } = options;
  const get = (name: string): tf.Tensor => parameter(parameters, name);
  const batch = images.shape[0]!;
  let x = convolve(parameters, 'discriminator/image', images);
  const sizes = modernLevels(options).toReversed();
  for (const [i, level] of sizes.entries()) {
    const layer = nameAt(level);
    for (const name of blockNames('discriminator', level, options)) {
      x = residualBlock(parameters, name, x, rectify);
    }
    observe?.(layer, x); // [b, height, width, channels] of the level
    if (i === sizes.length - 1) break;
    x = bilinearDown(x);
    if (`${layer}/down/kernel` in parameters) x = convolve(parameters, `${layer}/down`, x);
  }
  const pooled = tf.sum(tf.mul(x, get('discriminator/basis/constant')), [1, 2]); // [b, width]
  const features = tf.matMul(pooled as tf.Tensor2D, get('discriminator/logit/kernel') as tf.Tensor2D);
  if (columns === 0) return { logits: tf.reshape(features, [batch]), last: x };
  if (labels === null) throw new RangeError('labels: got none; a projection discriminator needs them');
  const embedded = tf.matMul(labels as tf.Tensor2D, get('discriminator/projection/kernel') as tf.Tensor2D);
  return { logits: tf.sum(tf.mul(features, embedded), 1), last: x };
}

/** Summary of the discriminator's layers. */
export function summariseModernDiscriminator(options: ModernDiscriminatorOptions): LayerSummary[] {
  const specs = modernDiscriminatorParameters(options);
  const layers = modernDiscriminatorLayers(options);
  const layer = (name: string, outputShape: readonly number[]): LayerSummary => ({
    name,
    outputShape,
    parameters: countParameters(specs, `${name}/`),
  });
  const [first, base] = [layers[0]!, layers.at(-1)!];
  return [
    layer('discriminator/image', [...first.size, first.to]),
    ...layers.map(({ name, size, to }) => layer(name, [...size, to])),
    layer('discriminator/basis', [base.to]),
    layer('discriminator/logit', [options.projectedColumns ? base.to : 1]),
    ...(options.projectedColumns ? [layer('discriminator/projection', [1])] : []),
  ];
}
