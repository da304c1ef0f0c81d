// Q of InfoGAN (Chen 2016, section 6 and appendix C): a hidden layer and an output layer on the discriminator's last block. They
// predict an image's codes. The parameters belong to the discriminator's optimiser; the loss trains both D and G.
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors } from '../engine/engine.ts';
import { leak, type DiscriminatorOptions } from './discriminator.ts';
import {
  parameter,
  scaleInitial,
  weightInitial,
  zeroInitial,
  type Normalise,
  type ParameterSpecs,
} from './network.ts';

/** Units of the hidden layer (the paper's). */
const hiddenUnits = 128;
const hidden = 'discriminator/codes/hidden';
const output = 'discriminator/codes/output';

/** Options that determine the shape of Q. */
export type CodeHeadOptions = Pick<DiscriminatorOptions, 'discriminatorNorm'>;

/** Q's parameters for codes of `columns` columns (none for 0) and a last activation of `features` numbers. */
export function codeHeadParameters(
  { discriminatorNorm }: CodeHeadOptions,
  features: number,
  columns: number,
): ParameterSpecs {
  if (columns === 0) return {};
  const isNormalised = discriminatorNorm !== 'none';
  return {
    [`${hidden}/kernel`]: { shape: [features, hiddenUnits], initial: weightInitial },
    ...(isNormalised
      ? {
          [`${hidden}/scale`]: { shape: [hiddenUnits], initial: scaleInitial },
          [`${hidden}/offset`]: { shape: [hiddenUnits], initial: zeroInitial },
        }
      : { [`${hidden}/bias`]: { shape: [hiddenUnits], initial: zeroInitial } }),
    [`${output}/kernel`]: { shape: [hiddenUnits, columns], initial: weightInitial },
    [`${output}/bias`]: { shape: [columns], initial: zeroInitial },
  };
}

/** The last block's output [b, base height, base width, width] → predictions [b, columns]: logits of categorical codes, means of continuous ones. */
export function readCodes(
  { discriminatorNorm }: CodeHeadOptions,
  parameters: NamedTensors,
  activation: tf.Tensor,
  normalise: Normalise<tf.Tensor>,
): tf.Tensor {
  const get = (name: string): tf.Tensor => parameter(parameters, name);
  const flat = tf.reshape(activation, [activation.shape[0]!, -1]) as tf.Tensor2D;
  const product = tf.matMul(flat, get(`${hidden}/kernel`) as tf.Tensor2D);
  const shifted =
    discriminatorNorm === 'none'
      ? tf.add(product, get(`${hidden}/bias`))
      : normalise(hidden, product, get(`${hidden}/scale`), get(`${hidden}/offset`));
  const projected = tf.matMul(
    tf.leakyRelu(shifted, leak) as tf.Tensor2D,
    get(`${output}/kernel`) as tf.Tensor2D,
  );
  return tf.add(projected, get(`${output}/bias`)); // [b, columns]
}
