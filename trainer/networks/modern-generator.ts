// R3GAN's generator (Huang 2024; Networks.py): a learned constant at the base, each channel multiplied by a linear map of z, then
// residual blocks at each size, with bilinear doubling between them. The images are the last 1x1 convolution's, without tanh.
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors } from '../engine/engine.ts';
import { bilinearUp } from './bilinear.ts';
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

/** Options that determine a generator's shape; see TrainConfig. */
export interface ModernGeneratorOptions extends ModernOptions {
  readonly channels: number;
  /** Size of z joined with its condition. */
  readonly latent: number;
  /** Columns of the condition, the last ones of `latent`. */
  readonly conditionColumns: number;
}

const nameAt = ({ name }: ModernLevel): string => `generator/${name}`;

/** Shapes and initial distributions of all parameters. */
export function modernGeneratorParameters(options: ModernGeneratorOptions): ParameterSpecs {
  const { latent, conditionColumns: columns, channels } = options;
  const sizes = modernLevels(options);
  const base = sizes[0]!;
  const own = latent - columns;
  // The embedded condition is as long as z.
  const joined = columns === 0 ? own : 2 * own;
  let specs: ParameterSpecs = {
    ...(columns > 0 && { 'generator/embedding/kernel': scaledWeight([columns, own], columns) }),
    'generator/basis/kernel': scaledWeight([joined, base.channels], joined),
    'generator/basis/constant': scaledWeight([1, base.height, base.width, base.channels], 1),
  };
  for (const [i, level] of sizes.entries()) {
    const from = sizes[i - 1]?.channels ?? level.channels;
    if (from !== level.channels) {
      specs = { ...specs, [`${nameAt(level)}/up/kernel`]: scaledWeight([1, 1, from, level.channels], from) };
    }
    for (const name of blockNames('generator', level, options)) {
      specs = { ...specs, ...blockParameters(name, level.channels, options) };
    }
  }
  const last = sizes.at(-1)!.channels;
  return { ...specs, 'generator/image/kernel': scaledWeight([1, 1, last, channels], last) };
}

/** Options of one pass. */
export interface ModernGenerateOptions {
  /** Called with the result of each size's blocks. */
  readonly observe?: (layer: string, activation: tf.Tensor) => void;
  /** Replaces the result of each size's blocks. */
  readonly alter?: (layer: string, activation: tf.Tensor) => tf.Tensor;
}

/** z [b, latent], joined with its condition → images [b, height, width, channels], which may exceed [-1, 1]. */
export function generateModern(
  options: ModernGeneratorOptions,
  parameters: NamedTensors,
  z: tf.Tensor,
  { observe, alter = (_, activation) => activation }: ModernGenerateOptions = {},
): tf.Tensor {
  const { conditionColumns: columns } = options;
  const get = (name: string): tf.Tensor => parameter(parameters, name);
  const [batch, latent] = z.shape as [number, number];
  let code = z;
  if (columns > 0) {
    const [own, condition] = tf.split(z, [latent - columns, columns], 1) as [tf.Tensor2D, tf.Tensor2D];
    code = tf.concat([own, tf.matMul(condition, get('generator/embedding/kernel') as tf.Tensor2D)], 1);
  }
  const sizes = modernLevels(options);
  const factors = tf.matMul(code as tf.Tensor2D, get('generator/basis/kernel') as tf.Tensor2D);
  let x: tf.Tensor = tf.mul(
    get('generator/basis/constant'),
    tf.reshape(factors, [batch, 1, 1, sizes[0]!.channels]),
  ); // [b, base height, base width, base channels]
  for (const [i, level] of sizes.entries()) {
    const layer = nameAt(level);
    if (`${layer}/up/kernel` in parameters) x = convolve(parameters, `${layer}/up`, x);
    if (i > 0) x = bilinearUp(x);
    for (const name of blockNames('generator', level, options)) x = residualBlock(parameters, name, x);
    x = alter(layer, x); // [b, height, width, channels] of the level
    observe?.(layer, x);
  }
  return convolve(parameters, 'generator/image', x);
}

/** Summary of the generator's layers. */
export function summariseModernGenerator(options: ModernGeneratorOptions): LayerSummary[] {
  const specs = modernGeneratorParameters(options);
  const sizes = modernLevels(options);
  const layer = (name: string, outputShape: readonly number[]): LayerSummary => ({
    name,
    outputShape,
    parameters: countParameters(specs, `${name}/`),
  });
  const { latent, conditionColumns: columns, height, width, channels } = options;
  const base = sizes[0]!;
  return [
    ...(columns > 0 ? [layer('generator/embedding', [latent - columns])] : []),
    layer('generator/basis', [base.height, base.width, base.channels]),
    ...sizes.map((level) => layer(nameAt(level), [level.height, level.width, level.channels])),
    layer('generator/image', [height, width, channels]),
  ];
}
