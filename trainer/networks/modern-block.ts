// The residual block of R3GAN's networks (Huang 2024, "The GAN is dead; long live the GAN!", section 4): 1x1, 3x3 and 1x1
// convolutions without a norm. Fix-up initialisation (Zhang 2019) keeps the variance: the last convolution starts at zero, the others
// shrink with the number of blocks. The paper's 3x3 convolution is grouped and twice as wide as the block; a plain, narrow one is
// faster on processors at equal parameters (docs/notes/results.md), and every engine and browser has it.
import * as tf from '@tensorflow/tfjs-core';
import { sizeText, type ImageSize } from '../../runtime-web/format/image-shape.ts';
import { levels, shorterSide } from '../config/stages.ts';
import type { NamedTensors } from '../engine/engine.ts';
import { leak } from './discriminator.ts';
import { parameter, zeroInitial, type ParameterSpec, type ParameterSpecs } from './network.ts';

/** Options that determine the sizes, widths and depth of both networks; see TrainConfig. */
export interface ModernOptions extends ImageSize {
  readonly baseWidth: number;
  /** Residual blocks at each size. */
  readonly blocks: number;
}

/** One size of the networks, from the base to the image. */
export interface ModernLevel extends ImageSize {
  /** `4x4` */
  readonly name: string;
  readonly channels: number;
}

/** Largest width, that of StyleGAN's networks. */
const maxWidth = 512;

/** All sizes with their widths, from the base to the image: `baseWidth` at the image, twice as many at half the size, at most 512. */
export function modernLevels(options: ModernOptions): readonly ModernLevel[] {
  return levels(options).map((size) => {
    const ratio = shorterSide(options) / shorterSide(size);
    return { ...size, name: sizeText(size), channels: Math.min(maxWidth, options.baseWidth * ratio) };
  });
}

/** A weight with a deviation of `gain / √fanIn`. */
export function scaledWeight(shape: readonly number[], fanIn: number, gain = 1): ParameterSpec {
  return { shape, initial: { mean: 0, deviation: gain / Math.sqrt(fanIn) } };
}

/** Convolutions of a block. */
const convolutions = 3;

/** A block of ONNX Runtime's fastest convolutions; narrower ones take as long. */
const minInner = 16;

/** Channels of a block's 3x3 convolution: half of all, but at least 16 where there are as many. */
export function innerWidth(channels: number): number {
  return Math.min(channels, Math.max(minInner, Math.floor(channels / 2)));
}

/** The names of a level's blocks. */
export function blockNames(network: string, level: ModernLevel, { blocks }: ModernOptions): string[] {
  return Array.from({ length: blocks }, (_, i) => `${network}/${level.name}/block${i + 1}`);
}

/** Parameters of a block. */
export function blockParameters(name: string, channels: number, options: ModernOptions): ParameterSpecs {
  const inner = innerWidth(channels);
  const count = modernLevels(options).length * options.blocks;
  // He's gain for a leaky ReLU, and the paper's factor for the number of blocks.
  const gain = Math.sqrt(2 / (1 + leak ** 2)) * count ** (-1 / (2 * convolutions - 2));
  return {
    [`${name}/first/kernel`]: scaledWeight([1, 1, channels, inner], channels, gain),
    [`${name}/first/bias`]: { shape: [inner], initial: zeroInitial },
    [`${name}/second/kernel`]: scaledWeight([3, 3, inner, inner], 9 * inner, gain),
    [`${name}/second/bias`]: { shape: [inner], initial: zeroInitial },
    [`${name}/third/kernel`]: { shape: [1, 1, inner, channels], initial: zeroInitial },
  };
}

/** A convolution of stride 1 that keeps the size, without a bias. */
export function convolve(parameters: NamedTensors, name: string, x: tf.Tensor): tf.Tensor {
  return tf.conv2d(x as tf.Tensor4D, parameter(parameters, `${name}/kernel`) as tf.Tensor4D, 1, 'same');
}

/** Applies a block to x [b, h, w, channels]; `rectify` replaces the leaky ReLU. */
export function residualBlock(
  parameters: NamedTensors,
  name: string,
  x: tf.Tensor,
  rectify: (x: tf.Tensor) => tf.Tensor = (y) => tf.leakyRelu(y, leak),
): tf.Tensor {
  const active = (layer: string, y: tf.Tensor): tf.Tensor =>
    rectify(tf.add(convolve(parameters, layer, y), parameter(parameters, `${layer}/bias`)));
  const inner = active(`${name}/second`, active(`${name}/first`, x)); // [b, h, w, inner]
  return tf.add(x, convolve(parameters, `${name}/third`, inner));
}
