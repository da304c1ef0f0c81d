// Self-attention between the places of one layer (Zhang 2018, section 3, in the form of its published code): each place takes from
// all others what resembles its query. Keys have an eighth of the channels and values half; both are max-pooled by 2, and nothing is
// scaled. The result is added with a learned weight that starts at 0.
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors } from '../engine/engine.ts';
import { parameter, zeroInitial, type ParameterSpec, type ParameterSpecs } from './network.ts';

/** The networks that have attention. */
type Attending = 'generator' | 'discriminator';

/** The layer's name. */
export function attentionName(network: Attending): string {
  return `${network}/attention`;
}

/** Parameters of the attention behind a layer of `channels`, if a layer `isAttended`; else none. */
export function attentionParameters(
  network: Attending,
  channels: number,
  isAttended: boolean,
): ParameterSpecs {
  if (!isAttended) return {};
  const name = attentionName(network);
  const share = (of: number): number => Math.max(1, Math.floor(channels / of));
  return {
    [`${name}/query/kernel`]: pointwise(channels, share(8)),
    [`${name}/key/kernel`]: pointwise(channels, share(8)),
    [`${name}/value/kernel`]: pointwise(channels, share(2)),
    [`${name}/output/kernel`]: pointwise(share(2), channels),
    // The paper's γ.
    [`${name}/output/scale`]: { shape: [1], initial: zeroInitial },
  };
}

/** A 1x1 convolution, with the variance of Glorot 2010 as in the published code. */
function pointwise(from: number, to: number): ParameterSpec {
  return { shape: [1, 1, from, to], initial: { mean: 0, deviation: Math.sqrt(2 / (from + to)) } };
}

/** x [b, h, w, c] with attention added, [b, h, w, c]; h and w are even. */
export function attend(network: Attending, parameters: NamedTensors, x: tf.Tensor): tf.Tensor {
  const [b, h, w] = x.shape as [number, number, number];
  const get = (part: string): tf.Tensor => parameter(parameters, `${attentionName(network)}/${part}`);
  const convolved = (part: string, y: tf.Tensor): tf.Tensor4D =>
    tf.conv2d(y as tf.Tensor4D, get(`${part}/kernel`) as tf.Tensor4D, 1, 'valid');
  const places = (y: tf.Tensor4D): tf.Tensor => tf.reshape(y, [b, y.shape[1] * y.shape[2], y.shape[3]]);
  const pooled = (y: tf.Tensor4D): tf.Tensor4D => tf.maxPool(y, 2, 2, 'valid');
  const queries = places(convolved('query', x)); // [b, hw, c/8]
  const keys = places(pooled(convolved('key', x))); // [b, hw/4, c/8]
  const values = places(pooled(convolved('value', x))); // [b, hw/4, c/2]
  const weights = tf.softmax(tf.matMul(queries, keys, false, true)); // [b, hw, hw/4]
  const taken = tf.reshape(tf.matMul(weights, values), [b, h, w, values.shape[2]!]);
  return tf.add(x, tf.mul(convolved('output', taken), get('output/scale')));
}
