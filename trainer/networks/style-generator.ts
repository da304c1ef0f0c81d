// StyleGAN's synthesis network (Karras 2018, section 2 and figure 1b). It starts from a learned constant. Every layer adds noise,
// normalises each channel of each image, and takes scale and shift from the style w (AdaIN). Each resolution from the base (4x4 for squares) up has two
// layers and a 1x1 convolution to colours. While a resolution fades in, its image is blended with that of the resolution before
// (Karras 2018a, figure 2). The paper's blur after each doubling is left out.
import * as tf from '@tensorflow/tfjs-core';
import { sizeText, type ImageSize } from '../../runtime-web/format/image-shape.ts';
import type { NamedTensors } from '../engine/engine.ts';
import type { Stage } from './growth.ts';
import { adaptiveNorm } from './adaptive-norm.ts';
import { leak } from './discriminator.ts';
import { equalised, gains, plain, type Equalised } from './equalised.ts';
import { mappingParameters, type MappingOptions } from './mapping.ts';
import { countParameters, parameter, type LayerSummary } from './network.ts';
import { levels, shorterSide } from '../config/stages.ts';
import { upsample } from './upsample.ts';

/** Options that determine a style-based generator's shape; see TrainConfig. */
export interface StyleGeneratorOptions extends MappingOptions, ImageSize {
  readonly channels: number;
  readonly baseWidth: number;
}

/** The state's entry [latent]: the mean style over many latents. */
export const meanStyleName = 'statistics/style/mean';

/** The state's fixed noise of a layer, used in samples: [1, height, width, 1]. */
export const noiseName = (layer: string): string => `statistics/noise/${layer}`;

/** Largest width of a layer (the paper's). */
const maxWidth = 512;

/** Options that determine the sizes and widths of the layers. */
type LayerOptions = ImageSize & Pick<StyleGeneratorOptions, 'baseWidth'>;

/** Channels at one size: DCGAN's number, at most 512. */
export function styleWidth({ width, height, baseWidth }: LayerOptions, size: ImageSize): number {
  const ratio = shorterSide({ width, height }) / shorterSide(size);
  return Math.max(1, Math.min(maxWidth, Math.floor((baseWidth * ratio) / 2)));
}

/** One layer with a style. */
export interface StyleLayer {
  readonly name: string;
  /** Size of the output. */
  readonly size: ImageSize;
  readonly from: number;
  readonly to: number;
  /** The layer's first operation. */
  readonly kind: 'constant' | 'up' | 'convolution';
}

/** The layers up to a resolution, in the order of their styles. */
export function styleLayers(options: LayerOptions, upTo = shorterSide(options)): StyleLayer[] {
  const sizes = levels(options).filter((size) => shorterSide(size) <= upTo);
  return sizes.flatMap((size, i): StyleLayer[] => {
    const to = styleWidth(options, size);
    const name = `generator/${sizeText(size)}`;
    const from = i === 0 ? to : styleWidth(options, sizes[i - 1]!);
    return [
      { name: `${name}/first`, size, from, to, kind: i === 0 ? 'constant' : 'up' },
      { name: `${name}/second`, size, from: to, to, kind: 'convolution' },
    ];
  });
}

/** The name of the layer that makes the image of one size. */
export const imageLayer = (size: ImageSize): string => `generator/${sizeText(size)}/image`;

/** Shapes and initial distributions of all parameters, including the mapping network's. */
export function styleGeneratorParameters(options: StyleGeneratorOptions): Record<string, Equalised> {
  const { channels, latent } = options;
  const specs: Record<string, Equalised> = mappingParameters(options);
  for (const { name, size, from, to, kind } of styleLayers(options)) {
    if (kind === 'constant') {
      const shape = [1, size.height, size.width, to];
      specs[`${name}/constant`] = { shape, initial: { mean: 0, deviation: 1 }, factor: 1 };
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
  for (const size of levels(options)) {
    const from = styleWidth(options, size);
    const name = imageLayer(size);
    specs[`${name}/kernel`] = equalised([1, 1, from, channels], from, { gain: gains.linear });
    specs[`${name}/bias`] = plain([channels]);
  }
  return specs;
}

/** Names of the parameters that a stage uses. */
export function usedInGenerator(options: StyleGeneratorOptions, { resolution, isFading }: Stage): string[] {
  const layers = styleLayers(options, resolution).map(({ name }) => name);
  const images = levels(options)
    .filter((size) => [resolution, ...(isFading ? [resolution / 2] : [])].includes(shorterSide(size)))
    .map(imageLayer);
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
  /** The noise of a layer, [b or 1, height, width, 1]. */
  readonly noise: (layer: string) => tf.Tensor;
  /** Fade-in factor of the newest resolution, a scalar; required while it fades in. */
  readonly fadeIn?: tf.Tensor | null;
  /** Called with each layer's output, after `alter`. */
  readonly observe?: (layer: string, activation: tf.Tensor) => void;
  /** Replaces a layer's activation before the next layer gets it. */
  readonly alter?: (layer: string, activation: tf.Tensor) => tf.Tensor;
}

/**
 * Styles → images [b, height, width, channels] of the stage's resolution, approximately in [-1, 1]. Takes prepared parameters (`equalised.ts`).
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
  const coloured = (x: tf.Tensor): tf.Tensor => {
    const name = imageLayer({ height: x.shape[1]!, width: x.shape[2]! });
    const kernel = get(`${name}/kernel`) as tf.Tensor4D;
    return tf.add(tf.conv2d(x as tf.Tensor4D, kernel, 1, 'same'), get(`${name}/bias`));
  };
  let x: tf.Tensor = tf.tile(get(`${layers[0]!.name}/constant`), [batch, 1, 1, 1]);
  let before: tf.Tensor | null = null;
  for (const [index, { name, size, to, kind }] of layers.entries()) {
    if (kind === 'up') {
      if (stage.isFading && shorterSide(size) === stage.resolution) before = coloured(x);
      const kernel = get(`${name}/kernel`) as tf.Tensor4D;
      x = tf.conv2dTranspose(x as tf.Tensor4D, kernel, [batch, size.height, size.width, to], 2, 'same');
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
    x = alter(name, adaptiveNorm(tf.leakyRelu(noisy, leak), tf.add(scale, 1), shift)); // [b, height, width, to]
    observe?.(name, x);
  }
  const images = coloured(x);
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
    ...styleLayers(options).map(({ name, size, to }) => layer(name, [size.height, size.width, to])),
    ...levels(options).map((size) => layer(imageLayer(size), [size.height, size.width, options.channels])),
  ];
}
