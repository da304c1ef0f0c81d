// The discriminator of a style-based generator (Karras 2018a, table 2, which StyleGAN keeps). It mirrors the generator: each
// resolution has two 3x3 convolutions without a norm. At the base (4x4 for squares) the minibatch standard deviation is added as one more map; dense
// layers compute the logit.
import * as tf from '@tensorflow/tfjs-core';
import { sizeText, type ImageSize } from '../../runtime-web/format/image-shape.ts';
import type { NamedTensors } from '../engine/engine.ts';
import type { Stage } from './growth.ts';
import { leak } from './discriminator.ts';
import { downsample } from './downsample.ts';
import { equalised, gains, plain, type Equalised } from './equalised.ts';
import { countParameters, parameter, weightInitial, type LayerSummary } from './network.ts';
import { levels, shorterSide } from '../config/stages.ts';
import { styleWidth } from './style-generator.ts';

/** Options that determine its shape; see TrainConfig. */
export interface StyleDiscriminatorOptions extends ImageSize {
  readonly channels: number;
  readonly baseWidth: number;
  /** Number of classes, attributes or numbers that are projected (Miyato and Koyama 2018). Default 0: no projection. */
  readonly projectedColumns?: number;
}

/** The name of the layers at one size. */
export const layersAt = (size: ImageSize): string => `discriminator/${sizeText(size)}`;

/** Shapes and initial distributions of all parameters. */
export function styleDiscriminatorParameters(options: StyleDiscriminatorOptions): Record<string, Equalised> {
  const { channels } = options;
  const sizes = levels(options);
  const specs: Record<string, Equalised> = {};
  const add = (name: string, kernel: Equalised, outputs: number): void => {
    specs[kernel.resampling === undefined ? `${name}/kernel` : `${name}/kernel/3x3`] = kernel;
    specs[`${name}/bias`] = plain([outputs]);
  };
  for (const [i, size] of [...sizes.entries()].reverse()) {
    const name = layersAt(size);
    const width = styleWidth(options, size);
    add(`${name}/image`, equalised([1, 1, channels, width], channels), width);
    if (i === 0) continue;
    const next = styleWidth(options, sizes[i - 1]!);
    add(`${name}/first`, equalised([3, 3, width, width], 9 * width), width);
    add(`${name}/second`, equalised([3, 3, width, next], 9 * width, { resampling: 'down' }), next);
  }
  return { ...specs, ...baseParameters(options) };
}

/** Shapes and initial distributions of the layers behind the last halving. `biasFactor` multiplies the biases before a rectifier. */
export function baseParameters(
  options: StyleDiscriminatorOptions,
  biasFactor = 1,
): Record<string, Equalised> {
  const { projectedColumns = 0 } = options;
  const base = levels(options)[0]!;
  const name = layersAt(base);
  const width = styleWidth(options, base);
  const inputs = base.height * base.width * width;
  return {
    [`${name}/first/kernel`]: equalised([3, 3, width + 1, width], 9 * (width + 1)),
    [`${name}/first/bias`]: plain([width], { factor: biasFactor }),
    [`${name}/dense/kernel`]: equalised([inputs, width], inputs),
    [`${name}/dense/bias`]: plain([width], { factor: biasFactor }),
    'discriminator/logit/kernel': equalised([width, 1], width, { gain: gains.linear }),
    'discriminator/logit/bias': plain([1]),
    ...(projectedColumns > 0 && {
      'discriminator/projection/kernel': {
        shape: [projectedColumns, width],
        initial: weightInitial,
        factor: 1,
      },
    }),
  };
}

/** Names of the parameters that a stage uses. */
export function usedInDiscriminator(
  options: StyleDiscriminatorOptions,
  { resolution, isFading }: Stage,
): string[] {
  const unused = levels(options).flatMap((size) => {
    const side = shorterSide(size);
    const isImageUsed = side === resolution || (isFading && side === resolution / 2);
    return [
      ...(isImageUsed ? [] : [`${layersAt(size)}/image/`]),
      ...(side > resolution ? [`${layersAt(size)}/`] : []),
    ];
  });
  return Object.keys(styleDiscriminatorParameters(options)).filter(
    (name) => !unused.some((prefix) => name.startsWith(prefix)),
  );
}

/** Options of one pass. */
export interface StyleDiscriminateOptions {
  readonly stage: Stage;
  /** Fade-in factor of the newest resolution, a scalar; required while it fades in. */
  readonly fadeIn?: tf.Tensor | null;
  /** One-hot classes, or attributes or numbers: [b, columns], required with projection. */
  readonly labels?: tf.Tensor | null;
}

/** The discriminator's outputs. */
export interface StyleDiscriminatorOutput {
  /** [b], positive for real. */
  readonly logits: tf.Tensor;
  /** [b, base height, base width, width], before the dense layers. */
  readonly last: tf.Tensor;
}

/**
 * Images [b, height, width, channels] of the stage's resolution → logits. Takes prepared parameters (`equalised.ts`). Throws RangeError if a
 * stage that fades in lacks its `fadeIn`, or a projection its labels.
 */
export function discriminateByStyle(
  options: StyleDiscriminatorOptions,
  parameters: NamedTensors,
  images: tf.Tensor,
  { stage, fadeIn = null, labels = null }: StyleDiscriminateOptions,
): StyleDiscriminatorOutput {
  const layer = (name: string, y: tf.Tensor, stride = 1): tf.Tensor =>
    rectifiedLayer(parameters, name, y, stride);
  const sizes = levels(options).filter((size) => shorterSide(size) <= stage.resolution);
  let x = layer(`${layersAt(sizes.at(-1)!)}/image`, images);
  for (let i = sizes.length - 1; i > 0; i--) {
    const name = layersAt(sizes[i]!);
    x = layer(`${name}/second`, layer(`${name}/first`, x), 2);
    if (stage.isFading && i === sizes.length - 1) {
      if (fadeIn === null) throw new RangeError('fadeIn: got none; a stage that fades in needs it');
      const old = layer(`${layersAt(sizes[i - 1]!)}/image`, downsample(images));
      x = tf.add(old, tf.mul(tf.sub(x, old), fadeIn));
    }
  }
  return judgeBase(options, parameters, x, labels);
}

/**
 * The layers behind the last halving: x [b, base height, base width, width] → logits. Takes prepared parameters. Throws RangeError if a
 * projection lacks its labels.
 */
export function judgeBase(
  options: StyleDiscriminatorOptions,
  parameters: NamedTensors,
  x: tf.Tensor,
  labels: tf.Tensor | null,
): StyleDiscriminatorOutput {
  const get = (name: string): tf.Tensor => parameter(parameters, name);
  const base = layersAt(levels(options)[0]!);
  const batch = x.shape[0]!;
  const last = rectifiedLayer(parameters, `${base}/first`, withDeviation(x));
  const dense = (name: string, y: tf.Tensor): tf.Tensor =>
    tf.add(tf.matMul(y as tf.Tensor2D, get(`${name}/kernel`) as tf.Tensor2D), get(`${name}/bias`));
  const hidden = tf.leakyRelu(dense(`${base}/dense`, tf.reshape(last, [batch, -1])), leak);
  const logits = tf.reshape(dense('discriminator/logit', hidden), [batch]);
  if ((options.projectedColumns ?? 0) === 0) return { logits, last };
  if (labels === null) throw new RangeError('labels: got none; a projection discriminator needs them');
  const embedded = tf.matMul(labels as tf.Tensor2D, get('discriminator/projection/kernel') as tf.Tensor2D);
  return { logits: tf.add(logits, tf.sum(tf.mul(tf.sum(last, [1, 2]), embedded), 1)), last };
}

/** A convolution with bias and leaky ReLU. */
export function rectifiedLayer(parameters: NamedTensors, name: string, x: tf.Tensor, stride = 1): tf.Tensor {
  const kernel = parameter(parameters, `${name}/kernel`) as tf.Tensor4D;
  const y = tf.conv2d(x as tf.Tensor4D, kernel, stride, 'same');
  return tf.leakyRelu(tf.add(y, parameter(parameters, `${name}/bias`)), leak);
}

/** Group size of the minibatch standard deviation: 4, or a smaller divisor of the batch (Karras 2018a, section 3). */
export function groupSize(batch: number): number {
  return [4, 3, 2].find((size) => batch % size === 0) ?? batch;
}

/**
 * Minibatch standard deviation: joins one map to x [b, h, w, c]. Its value is the deviation over a group of images, averaged
 * over all features and positions. Image i shares its group with i + b/g, i + 2b/g, ….
 */
export function withDeviation(x: tf.Tensor): tf.Tensor {
  const [b, h, w, c] = x.shape as [number, number, number, number];
  const group = groupSize(b);
  const grouped = tf.reshape(x, [group, b / group, h * w * c]);
  const centred = tf.sub(grouped, tf.mean(grouped, 0, true));
  const deviation = tf.sqrt(tf.add(tf.mean(tf.square(centred), 0), 1e-8)); // [b/g, h·w·c]
  const statistic = tf.reshape(tf.mean(deviation, 1), [b / group, 1, 1, 1]);
  return tf.concat([x, tf.tile(statistic, [group, h, w, 1])], 3);
}

/** Summary of the discriminator's layers. */
export function summariseStyleDiscriminator(options: StyleDiscriminatorOptions): LayerSummary[] {
  const specs = styleDiscriminatorParameters(options);
  const sizes = levels(options);
  const layer = (name: string, outputShape: number[]): LayerSummary => ({
    name,
    outputShape,
    parameters: countParameters(specs, `${name}/`),
  });
  return [
    ...[...sizes.entries()].reverse().flatMap(([i, size]) => {
      const { width, height } = size;
      const channels = styleWidth(options, size);
      const name = layersAt(size);
      const image = layer(`${name}/image`, [height, width, channels]);
      const first = layer(`${name}/first`, [height, width, channels]);
      if (i === 0) return [image, first, layer(`${name}/dense`, [channels])];
      const next = styleWidth(options, sizes[i - 1]!);
      return [image, first, layer(`${name}/second`, [height / 2, width / 2, next])];
    }),
    layer('discriminator/logit', [1]),
  ];
}
