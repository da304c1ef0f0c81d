// DCGAN's discriminator (Radford 2016, section 3): strided convolutions down to 4x4, LeakyReLU 0.2, batch norm
// everywhere but on the image; one logit. Dropout, where asked for, drops whole channels by masks that come in.
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors } from '../engine/engine.ts';
import {
  countParameters,
  parameter,
  scaleInitial,
  stageCount,
  weightInitial,
  zeroInitial,
  type LayerSummary,
  type Normalise,
  type ParameterSpecs,
} from './network.ts';

/** What a discriminator's shape depends on; see TrainConfig. */
export interface DiscriminatorOptions {
  readonly imageSize: number;
  readonly channels: number;
  readonly baseWidth: number;
  readonly kernel: number;
  readonly head: 'convolutional' | 'dense';
}

/** LeakyReLU's slope for negative inputs. */
export const leak = 0.2;

/** The blocks from the image to 4x4. */
export function discriminatorBlocks({ imageSize, channels, baseWidth }: DiscriminatorOptions) {
  return Array.from({ length: stageCount(imageSize) }, (_, i) => ({
    name: `discriminator/block${i + 1}`,
    isFirst: i === 0,
    from: i === 0 ? channels : baseWidth * 2 ** (i - 1),
    to: baseWidth * 2 ** i,
    size: imageSize / 2 ** (i + 1),
  }));
}

/** Shapes and initial distributions of all of the discriminator's parameters. */
export function discriminatorParameters(options: DiscriminatorOptions): ParameterSpecs {
  const { kernel, head } = options;
  const blocks = discriminatorBlocks(options);
  const width = blocks.at(-1)!.to;
  let specs: ParameterSpecs = {};
  for (const { name, isFirst, from, to } of blocks) {
    specs = {
      ...specs,
      [`${name}/kernel`]: { shape: [kernel, kernel, from, to], initial: weightInitial },
      ...(isFirst
        ? { [`${name}/bias`]: { shape: [to], initial: zeroInitial } }
        : {
            [`${name}/scale`]: { shape: [to], initial: scaleInitial },
            [`${name}/offset`]: { shape: [to], initial: zeroInitial },
          }),
    };
  }
  return {
    ...specs,
    'discriminator/logit/kernel': {
      shape: head === 'dense' ? [16 * width, 1] : [4, 4, width, 1],
      initial: weightInitial,
    },
    'discriminator/logit/bias': { shape: [1], initial: zeroInitial },
  };
}

/**
 * Images [b, size, size, channels] in [-1, 1] → logits [b], positive for real.
 * `masks`, where given, are multiplied in behind each block: [b, 1, 1, channels], zero or 1 / (1 - rate), by block name.
 * `observe` hears what each block gives. `rectify` stands in the place of each block's LeakyReLU.
 */
export function discriminate(
  options: DiscriminatorOptions,
  parameters: NamedTensors,
  images: tf.Tensor,
  normalise: Normalise<tf.Tensor>,
  masks: NamedTensors = {},
  observe: (layer: string, activation: tf.Tensor) => void = () => undefined,
  rectify: (x: tf.Tensor) => tf.Tensor = (x) => tf.leakyRelu(x, leak),
): tf.Tensor {
  const batch = images.shape[0]!;
  const get = (name: string): tf.Tensor => parameter(parameters, name);
  let x = images;
  for (const { name, isFirst } of discriminatorBlocks(options)) {
    const y = tf.conv2d(x as tf.Tensor4D, get(`${name}/kernel`) as tf.Tensor4D, 2, 'same');
    const shifted = isFirst
      ? tf.add(y, get(`${name}/bias`))
      : normalise(name, y, get(`${name}/scale`), get(`${name}/offset`));
    x = rectify(shifted); // [b, size, size, to]
    const mask = masks[name];
    if (mask !== undefined) x = tf.mul(x, mask);
    observe(name, x);
  }
  const kernel = get('discriminator/logit/kernel');
  const logit =
    options.head === 'dense'
      ? tf.matMul(tf.reshape(x, [batch, -1]) as tf.Tensor2D, kernel as tf.Tensor2D)
      : tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, 1, 'valid');
  return tf.add(tf.reshape(logit, [batch]), get('discriminator/logit/bias')); // [b]
}

/** The discriminator's layers, for people. */
export function summariseDiscriminator(options: DiscriminatorOptions): LayerSummary[] {
  const specs = discriminatorParameters(options);
  return [
    ...discriminatorBlocks(options).map(({ name, size, to }) => ({
      name,
      outputShape: [size, size, to],
      parameters: countParameters(specs, `${name}/`),
    })),
    {
      name: 'discriminator/logit',
      outputShape: [1],
      parameters: countParameters(specs, 'discriminator/logit/'),
    },
  ];
}
