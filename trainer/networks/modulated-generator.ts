// StyleGAN2's synthesis network (Karras 2019, section 2 and figures 2d and 7b). It starts from a learned constant. The style w scales
// the inputs of each convolution; its outputs are divided by the deviation that this gives them (demodulation), in place of AdaIN. Each
// resolution adds its image to that of the resolution before, doubled. Nothing grows.
//
// Style and demodulation scale images instead of kernels, which is equal in exact arithmetic (`fused_modconv=False` in stylegan2-ada's
// code): all images of a batch share one kernel.
import * as tf from '@tensorflow/tfjs-core';
import { levels, shorterSide } from '../config/stages.ts';
import type { NamedTensors } from '../engine/engine.ts';
import { leak } from './discriminator.ts';
import { equalised, gains, plain, preparedName, squaresName, type Equalised } from './equalised.ts';
import { mappingParameters } from './mapping.ts';
import { countParameters, parameter, type LayerSummary } from './network.ts';
import { upsampleSmoothly } from './smooth-resampling.ts';
import {
  imageLayer,
  styleLayers,
  styleWidth,
  type StyleGeneratorOptions,
  type StyleLayer,
  type SynthesisOptions,
} from './style-generator.ts';

/** Added to the squared deviation before the root (the published code's). */
const epsilon = 1e-8;

/** The convolutions with a style, in order: one at the base, two at each other resolution. */
export function modulatedLayers(options: StyleGeneratorOptions): StyleLayer[] {
  return styleLayers(options).filter(({ kind }) => kind !== 'constant');
}

/**
 * The resolution (shorter side) of each style, in order. An image layer shares the style of the next resolution's first convolution;
 * the last one has its own.
 */
export function modulatedSides(options: StyleGeneratorOptions): number[] {
  const sides = modulatedLayers(options).map(({ size }) => shorterSide(size));
  return [...sides, sides.at(-1)!];
}

const constantName = (options: StyleGeneratorOptions): string => `${styleLayers(options)[0]!.name}/constant`;

const kernelName = ({ name, kind }: StyleLayer): string =>
  kind === 'up' ? `${name}/kernel/3x3` : `${name}/kernel`;

/** Shapes and initial distributions of all parameters, including the mapping network's. Styles start at 1. */
export function modulatedGeneratorParameters(options: StyleGeneratorOptions): Record<string, Equalised> {
  const { channels, latent } = options;
  const sizes = levels(options);
  const base = sizes[0]!;
  const specs: Record<string, Equalised> = {
    ...mappingParameters(options),
    [constantName(options)]: {
      shape: [1, base.height, base.width, styleWidth(options, base)],
      initial: { mean: 0, deviation: 1 },
      factor: 1,
    },
  };
  const addStyle = (name: string, width: number): void => {
    specs[`${name}/style/kernel`] = equalised([latent, width], latent, { gain: gains.linear });
    specs[`${name}/style/bias`] = plain([width], { mean: 1 });
  };
  for (const layer of modulatedLayers(options)) {
    const { name, from, to, kind } = layer;
    const isUp = kind === 'up';
    specs[kernelName(layer)] = equalised(isUp ? [3, 3, to, from] : [3, 3, from, to], 9 * from, {
      gain: gains.linear,
      isDemodulated: true,
      ...(isUp && { resampling: 'smooth up' }),
    });
    // The rectifier's gain (in the published code, behind it) is in its summands.
    specs[`${name}/noise`] = plain([1], { factor: gains.rectified });
    specs[`${name}/bias`] = plain([to], { factor: gains.rectified });
    addStyle(name, from);
  }
  for (const size of sizes) {
    const [name, from] = [imageLayer(size), styleWidth(options, size)];
    specs[`${name}/kernel`] = equalised([1, 1, from, channels], from, { gain: gains.linear });
    specs[`${name}/bias`] = plain([channels]);
    addStyle(name, from);
  }
  return specs;
}

/**
 * Styles → images [b, height, width, channels], approximately in [-1, 1]. `style` has {@link modulatedSides}' indices. Takes prepared
 * parameters (`equalised.ts`).
 */
export function synthesiseModulated(
  options: StyleGeneratorOptions,
  parameters: NamedTensors,
  { style, noise, observe, alter = (_, x) => x }: Omit<SynthesisOptions, 'stage' | 'fadeIn'>,
): tf.Tensor {
  const get = (name: string): tf.Tensor => parameter(parameters, name);
  const batch = style(0).shape[0]!;
  /** The factors [b, width] of a layer's input channels. */
  const factorsOf = (name: string, index: number): tf.Tensor2D =>
    tf.add(
      tf.matMul(style(index) as tf.Tensor2D, get(`${name}/style/kernel`) as tf.Tensor2D),
      get(`${name}/style/bias`),
    );
  const scaled = (x: tf.Tensor, factors: tf.Tensor): tf.Tensor4D =>
    tf.mul(x, tf.reshape(factors, [batch, 1, 1, factors.shape[1]!]));

  let x: tf.Tensor = tf.tile(get(constantName(options)), [batch, 1, 1, 1]);
  let images: tf.Tensor | null = null;
  const layers = modulatedLayers(options);
  for (const [index, layer] of layers.entries()) {
    const { name, size, to, kind } = layer;
    const isUp = kind === 'up';
    const factors = factorsOf(name, index);
    const kernel = get(preparedName(kernelName(layer))) as tf.Tensor4D;
    const modulated = scaled(x, factors);
    const y = isUp
      ? tf.conv2dTranspose(modulated, kernel, [batch, size.height, size.width, to], 2, 'same')
      : tf.conv2d(modulated, kernel, 1, 'same');
    const squares = get(squaresName(kernelName(layer))) as tf.Tensor2D;
    const variance = tf.matMul(tf.square(factors), squares, false, isUp); // [b, to]
    const demodulated = scaled(y, tf.mul(tf.rsqrt(tf.add(variance, epsilon)), gains.rectified));
    const noisy = tf.add(tf.add(demodulated, tf.mul(noise(name), get(`${name}/noise`))), get(`${name}/bias`));
    x = alter(name, tf.leakyRelu(noisy, leak)); // [b, height, width, to]
    observe?.(name, x);

    const isLast = index === layers.length - 1 || layers[index + 1]!.kind === 'up';
    if (!isLast) continue;
    const image = imageLayer(size);
    const coloured = tf.conv2d(
      scaled(x, factorsOf(image, index + 1)),
      get(`${image}/kernel`) as tf.Tensor4D,
      1,
      'same',
    );
    const own = tf.add(coloured, get(`${image}/bias`));
    images = images === null ? own : tf.add(upsampleSmoothly(images), own);
  }
  return images!;
}

/** Summary of the generator's layers. */
export function summariseModulatedGenerator(options: StyleGeneratorOptions): LayerSummary[] {
  const specs = modulatedGeneratorParameters(options);
  const layer = (name: string, outputShape: number[]): LayerSummary => ({
    name,
    outputShape,
    parameters: countParameters(specs, `${name}/`),
  });
  const first = styleLayers(options)[0]!;
  return [
    layer('generator/mapping', [options.latent]),
    layer(first.name, [first.size.height, first.size.width, first.to]),
    ...modulatedLayers(options).map(({ name, size, to }) => layer(name, [size.height, size.width, to])),
    ...levels(options).map((size) => layer(imageLayer(size), [size.height, size.width, options.channels])),
  ];
}
