// StyleGAN's synthesis network (Karras 2018, section 2 and figure 1b). It starts from a learned constant. Every layer adds noise,
// normalises each channel of each image, and takes scale and shift from the style w (AdaIN). Each resolution from 4x4 up has two
// layers and a 1x1 convolution to colours. While a resolution fades in, its image is blended with that of the resolution before
// (Karras 2018a, figure 2). The paper's blur after each doubling is left out.
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors } from '../engine/engine.ts';
import type { Stage } from './growth.ts';
import { adaptiveNorm } from './adaptive-norm.ts';
import { leak } from './discriminator.ts';
import { equalised, gains, plain, type Equalised } from './equalised.ts';
import { mappingParameters, type MappingOptions } from './mapping.ts';
import { countParameters, parameter, type LayerSummary } from './network.ts';
import { upsample } from './upsample.ts';

/** Options that determine a style-based generator's shape; see TrainConfig. */
export interface StyleGeneratorOptions extends MappingOptions {
  readonly imageSize: number;
  readonly channels: number;
  readonly baseWidth: number;
}

/** The state's entry [latent]: the mean style over many latents. */
export const meanStyleName = 'statistics/style/mean';

/** The state's fixed noise of a layer, used in samples: [1, size, size, 1]. */
export const noiseName = (layer: string): string => `statistics/noise/${layer}`;

/** Largest width of a layer (the paper's). */
const maxWidth = 512;

/** Channels at one resolution: DCGAN's number, at most 512. */
export function styleWidth(
  { imageSize, baseWidth }: Pick<StyleGeneratorOptions, 'imageSize' | 'baseWidth'>,
  resolution: number,
): number {
  return Math.max(1, Math.min(maxWidth, Math.floor((baseWidth * imageSize) / (2 * resolution))));
}

/** Resolutions from 4 to the image's. */
export function resolutions(imageSize: number): number[] {
  return Array.from({ length: Math.log2(imageSize) - 1 }, (_, i) => 4 * 2 ** i);
}

/** One layer with a style. */
export interface StyleLayer {
  readonly name: string;
  readonly resolution: number;
  readonly from: number;
  readonly to: number;
  /** The layer's first operation. */
  readonly kind: 'constant' | 'up' | 'convolution';
}

/** The layers up to a resolution, in the order of their styles. */
export function styleLayers(
  options: Pick<StyleGeneratorOptions, 'imageSize' | 'baseWidth'>,
  upTo = options.imageSize,
): StyleLayer[] {
  return resolutions(upTo).flatMap((resolution): StyleLayer[] => {
    const to = styleWidth(options, resolution);
    const name = `generator/${resolution}x${resolution}`;
    const isFirst = resolution === 4;
    const from = isFirst ? to : styleWidth(options, resolution / 2);
    return [
      { name: `${name}/first`, resolution, from, to, kind: isFirst ? 'constant' : 'up' },
      { name: `${name}/second`, resolution, from: to, to, kind: 'convolution' },
    ];
  });
}

const imageLayer = (resolution: number): string => `generator/${resolution}x${resolution}/image`;

/** Shapes and initial distributions of all parameters, including the mapping network's. */
export function styleGeneratorParameters(options: StyleGeneratorOptions): Record<string, Equalised> {
  const { channels, latent, imageSize } = options;
  const specs: Record<string, Equalised> = mappingParameters(options);
  for (const { name, from, to, kind } of styleLayers(options)) {
    if (kind === 'constant') {
      specs[`${name}/constant`] = { shape: [1, 4, 4, to], initial: { mean: 0, deviation: 1 }, factor: 1 };
    } else {
      const shape = kind === 'up' ? [3, 3, to, from] : [3, 3, from, to];
      const kernel = kind === 'up' ? `${name}/kernel/3x3` : `${name}/kernel`;
      specs[kernel] = equalised(shape, 9 * from, kind === 'up' ? { resampling: 'up' } : {});
    }
    specs[`${name}/noise`] = plain([to]);
    specs[`${name}/bias`] = plain([to]);
    specs[`${name}/style/kernel`] = equalised([latent, 2 * to], latent, { gain: gains.linear });
    specs[`${name}/style/bias`] = plain([2 * to]);
  }
  for (const resolution of resolutions(imageSize)) {
    const from = styleWidth(options, resolution);
    const name = imageLayer(resolution);
    specs[`${name}/kernel`] = equalised([1, 1, from, channels], from, { gain: gains.linear });
    specs[`${name}/bias`] = plain([channels]);
  }
  return specs;
}

/** Names of the parameters that a stage uses. */
export function usedInGenerator(options: StyleGeneratorOptions, { resolution, isFading }: Stage): string[] {
  const layers = styleLayers(options, resolution).map(({ name }) => name);
  const images = [resolution, ...(isFading ? [resolution / 2] : [])].map(imageLayer);
  return Object.keys(styleGeneratorParameters(options)).filter(
    (name) =>
      name.startsWith('generator/mapping/') ||
      [...layers, ...images].some((layer) => name.startsWith(`${layer}/`)),
  );
}

/** Inputs and options of one pass through the synthesis network. */
export interface SynthesisOptions {
  readonly stage: Stage;
  /** The style [b, latent] of layer `index`. */
  readonly style: (index: number) => tf.Tensor;
  /** The noise of a layer, [b or 1, size, size, 1]. */
  readonly noise: (layer: string) => tf.Tensor;
  /** Fade-in factor of the newest resolution, a scalar; required while it fades in. */
  readonly fadeIn?: tf.Tensor | null;
  /** Called with each layer's output, after `alter`. */
  readonly observe?: (layer: string, activation: tf.Tensor) => void;
  /** Replaces a layer's activation before the next layer gets it. */
  readonly alter?: (layer: string, activation: tf.Tensor) => tf.Tensor;
}

/**
 * Styles → images [b, resolution, resolution, channels], approximately in [-1, 1]. Takes prepared parameters (`equalised.ts`).
 * Throws RangeError if a stage that fades in lacks its `fadeIn`.
 */
export function synthesise(
  options: StyleGeneratorOptions,
  parameters: NamedTensors,
  { stage, style, noise, fadeIn = null, observe, alter = (_, x) => x }: SynthesisOptions,
): tf.Tensor {
  const get = (name: string): tf.Tensor => parameter(parameters, name);
  const layers = styleLayers(options, stage.resolution);
  const batch = style(0).shape[0]!;
  const coloured = (x: tf.Tensor, resolution: number): tf.Tensor => {
    const kernel = get(`${imageLayer(resolution)}/kernel`) as tf.Tensor4D;
    return tf.add(tf.conv2d(x as tf.Tensor4D, kernel, 1, 'same'), get(`${imageLayer(resolution)}/bias`));
  };
  let x: tf.Tensor = tf.tile(get(`${layers[0]!.name}/constant`), [batch, 1, 1, 1]);
  let before: tf.Tensor | null = null;
  for (const [index, { name, resolution, to, kind }] of layers.entries()) {
    if (kind === 'up') {
      if (stage.isFading && resolution === stage.resolution) before = coloured(x, resolution / 2);
      const kernel = get(`${name}/kernel`) as tf.Tensor4D;
      x = tf.conv2dTranspose(x as tf.Tensor4D, kernel, [batch, resolution, resolution, to], 2, 'same');
    } else if (kind === 'convolution') {
      x = tf.conv2d(x as tf.Tensor4D, get(`${name}/kernel`) as tf.Tensor4D, 1, 'same');
    }
    const noisy = tf.add(tf.add(x, tf.mul(noise(name), get(`${name}/noise`))), get(`${name}/bias`));
    const affine = tf.add(
      tf.matMul(style(index) as tf.Tensor2D, get(`${name}/style/kernel`) as tf.Tensor2D),
      get(`${name}/style/bias`),
    ); // [b, 2 · to]
    const [scale, shift] = tf.split(tf.reshape(affine, [batch, 1, 1, 2 * to]), 2, 3) as [
      tf.Tensor,
      tf.Tensor,
    ];
    x = alter(name, adaptiveNorm(tf.leakyRelu(noisy, leak), tf.add(scale, 1), shift)); // [b, size, size, to]
    observe?.(name, x);
  }
  const images = coloured(x, stage.resolution);
  if (before === null) return images;
  if (fadeIn === null) throw new RangeError('fadeIn: got none; a stage that fades in needs it');
  const old = upsample(before);
  return tf.add(old, tf.mul(tf.sub(images, old), fadeIn));
}

/** Summary of the generator's layers. */
export function summariseStyleGenerator(options: StyleGeneratorOptions): LayerSummary[] {
  const specs = styleGeneratorParameters(options);
  const layer = (name: string, outputShape: number[]): LayerSummary => ({
    name,
    outputShape,
    parameters: countParameters(specs, `${name}/`),
  });
  return [
    layer('generator/mapping', [options.latent]),
    ...styleLayers(options).map(({ name, resolution, to }) => layer(name, [resolution, resolution, to])),
    ...resolutions(options.imageSize).map((side) => layer(imageLayer(side), [side, side, options.channels])),
  ];
}
