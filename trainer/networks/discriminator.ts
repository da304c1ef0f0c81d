// DCGAN's discriminator (Radford 2016, section 3): strided convolutions down to the base (4x4 for squares), LeakyReLU 0.2, batch norm in every block but
// the first, and one logit. Dropout masks, which drop whole channels, are inputs. A critic has layer norm or none. Self-attention may
// follow one block, whose observed output is the one before. A projection discriminator adds to the logit the inner product of its features with a linear embedding of the label, attributes or numbers.
import * as tf from '@tensorflow/tfjs-core';
import type { ImageSize } from '../../runtime-web/format/image-shape.ts';
import type { NamedTensors } from '../engine/engine.ts';
import { attend, attentionName, attentionParameters } from './attention.ts';
import { byBatch } from './batch-norm.ts';
import { layerNorm } from './layer-norm.ts';
import {
  countParameters,
  parameter,
  scaleInitial,
  weightInitial,
  zeroInitial,
  type LayerSummary,
  type Normalise,
  type ParameterSpecs,
} from './network.ts';
import { stagesOf } from '../config/stages.ts';

/** Options that determine a discriminator's shape; see TrainConfig. */
export interface DiscriminatorOptions extends ImageSize {
  readonly channels: number;
  readonly baseWidth: number;
  readonly kernel: number;
  readonly head: 'convolutional' | 'dense';
  /** Norm behind all convolutions but the first; without a norm they have biases. */
  readonly discriminatorNorm: 'batch' | 'layer' | 'none';
  /** Number of classes, attributes or numbers that are projected (Miyato and Koyama 2018, equation 4). Default 0: no projection. */
  readonly projectedColumns?: number;
  /** Shorter side of the block that self-attention follows. Default: none. */
  readonly attention?: number | null;
}

/** Options of one pass. */
export interface DiscriminateOptions {
  /** Dropout masks: factors of each block's output by block name: [b, 1, 1, channels], zero or 1 / (1 - rate). */
  readonly masks?: NamedTensors;
  /** One-hot classes, or attributes or numbers: [b, columns], required with projection. */
  readonly labels?: tf.Tensor | null;
  /** Called with each block's output. */
  readonly observe?: (layer: string, activation: tf.Tensor) => void;
  /** Replaces each block's LeakyReLU. */
  readonly rectify?: (x: tf.Tensor) => tf.Tensor;
}

/** LeakyReLU's slope for negative inputs. */
export const leak = 0.2;

/** The blocks from the image to the base. */
export function discriminatorBlocks(options: DiscriminatorOptions) {
  const { width, height, channels, baseWidth, discriminatorNorm, attention } = options;
  return Array.from({ length: stagesOf(options).count }, (_, i) => ({
    name: `discriminator/block${i + 1}`,
    /** A norm follows the convolution. */
    isNormalised: i > 0 && discriminatorNorm !== 'none',
    isAttended: Math.min(height, width) / 2 ** (i + 1) === attention,
    from: i === 0 ? channels : baseWidth * 2 ** (i - 1),
    to: baseWidth * 2 ** i,
    /** Height and width of the output. */
    size: [height / 2 ** (i + 1), width / 2 ** (i + 1)] as const,
  }));
}

/** Normalisation of the discriminator in training: layer norm, or batch norm by each batch. */
export function discriminatorNormalise({
  discriminatorNorm,
}: Pick<DiscriminatorOptions, 'discriminatorNorm'>): Normalise<tf.Tensor> {
  return discriminatorNorm === 'layer' ? byLayer : byBatch;
}

const byLayer: Normalise<tf.Tensor> = (_, x, scale, offset) => layerNorm(x, scale, offset);

/** Shapes and initial distributions of all of the discriminator's parameters. */
export function discriminatorParameters(options: DiscriminatorOptions): ParameterSpecs {
  const { kernel, head, projectedColumns = 0 } = options;
  const { base } = stagesOf(options);
  const blocks = discriminatorBlocks(options);
  const width = blocks.at(-1)!.to;
  let specs: ParameterSpecs = {};
  for (const { name, isNormalised, isAttended, from, to } of blocks) {
    specs = {
      ...specs,
      [`${name}/kernel`]: { shape: [kernel, kernel, from, to], initial: weightInitial },
      ...(isNormalised
        ? {
            [`${name}/scale`]: { shape: [to], initial: scaleInitial },
            [`${name}/offset`]: { shape: [to], initial: zeroInitial },
          }
        : { [`${name}/bias`]: { shape: [to], initial: zeroInitial } }),
      ...attentionParameters('discriminator', to, isAttended),
    };
  }
  return {
    ...specs,
    'discriminator/logit/kernel': {
      shape: head === 'dense' ? [base.height * base.width * width, 1] : [base.height, base.width, width, 1],
      initial: weightInitial,
    },
    'discriminator/logit/bias': { shape: [1], initial: zeroInitial },
    ...(projectedColumns > 0 && {
      'discriminator/projection/kernel': { shape: [projectedColumns, width], initial: weightInitial },
    }),
  };
}

/**
 * Images [b, height, width, channels] in [-1, 1] → logits [b], positive for real. `normalise` is only called if the options have a
 * norm. Throws RangeError if a projection lacks its labels.
 */
export function discriminate(
  options: DiscriminatorOptions,
  parameters: NamedTensors,
  images: tf.Tensor,
  normalise: Normalise<tf.Tensor>,
  { masks = {}, labels = null, observe, rectify = (x) => tf.leakyRelu(x, leak) }: DiscriminateOptions = {},
): tf.Tensor {
  const { head, projectedColumns = 0 } = options;
  const batch = images.shape[0]!;
  const get = (name: string): tf.Tensor => parameter(parameters, name);
  let x = images;
  for (const { name, isNormalised, isAttended } of discriminatorBlocks(options)) {
    const y = tf.conv2d(x as tf.Tensor4D, get(`${name}/kernel`) as tf.Tensor4D, 2, 'same');
    const shifted = isNormalised
      ? normalise(name, y, get(`${name}/scale`), get(`${name}/offset`))
      : tf.add(y, get(`${name}/bias`));
    x = rectify(shifted); // [b, ...size, to]
    const mask = masks[name];
    if (mask !== undefined) x = tf.mul(x, mask);
    observe?.(name, x);
    if (isAttended) x = attend('discriminator', parameters, x);
  }
  const kernel = get('discriminator/logit/kernel');
  const product =
    head === 'dense'
      ? tf.matMul(tf.reshape(x, [batch, -1]) as tf.Tensor2D, kernel as tf.Tensor2D)
      : tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, 1, 'valid');
  const logits = tf.add(tf.reshape(product, [batch]), get('discriminator/logit/bias')); // [b]
  if (projectedColumns === 0) return logits;
  if (labels === null) throw new RangeError('labels: got none; a projection discriminator needs them');
  const embedded = tf.matMul(labels as tf.Tensor2D, get('discriminator/projection/kernel') as tf.Tensor2D); // [b, width]
  return tf.add(logits, tf.sum(tf.mul(tf.sum(x, [1, 2]), embedded), 1));
}

/** Summary of the discriminator's layers. */
export function summariseDiscriminator(options: DiscriminatorOptions): LayerSummary[] {
  const specs = discriminatorParameters(options);
  const layer = (name: string, ...outputShape: readonly number[]): LayerSummary => ({
    name,
    outputShape,
    parameters: countParameters(specs, `${name}/`),
  });
  return [
    ...discriminatorBlocks(options).flatMap(({ name, isAttended, size, to }) => [
      layer(name, ...size, to),
      ...(isAttended ? [layer(attentionName('discriminator'), ...size, to)] : []),
    ]),
    layer('discriminator/logit', 1),
    ...(options.projectedColumns ? [layer('discriminator/projection', 1)] : []),
  ];
}
