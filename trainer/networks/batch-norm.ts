// Batch normalisation (Ioffe and Szegedy 2015) over every axis but the last. The gradient is written by hand: it takes 2 sums
// and 5 passes over the activations, where differentiating the formula takes about 12. It saves only its inputs and uses
// differentiable ops, so the gradient can itself be differentiated.
import * as tf from '@tensorflow/tfjs-core';
import type { Normalise } from './network.ts';

/** PyTorch's ε. */
export const defaultEpsilon = 1e-5;

/** The mean and the (biased) variance of each channel of x [..., c]: [c] both. */
export interface Moments {
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
}

/** All axes but the last. */
function batchAxes(x: tf.Tensor): number[] {
  return x.shape.slice(0, -1).map((_, axis) => axis);
}

/**
 * The moments of x [..., c] over all axes but the last. Recorded beside {@link batchNorm} of the same x they cost nothing,
 * because a graph merges identical nodes.
 */
export function batchMoments(x: tf.Tensor): Moments {
  const mean = tf.mean(x, batchAxes(x));
  return { mean, variance: tf.mean(tf.square(tf.sub(x, mean)), batchAxes(x)) };
}

/** (x - mean)·scale/√(variance + ε) + offset with given moments: x [..., c], all others [c]. */
export function normaliseWith(
  x: tf.Tensor,
  mean: tf.Tensor,
  variance: tf.Tensor,
  scale: tf.Tensor,
  offset: tf.Tensor,
  epsilon = defaultEpsilon,
): tf.Tensor {
  const factor = tf.mul(scale, tf.rsqrt(tf.add(variance, epsilon)));
  return tf.add(tf.mul(tf.sub(x, mean), factor), offset);
}

/** Batch norm in training: normalises x [..., c] by its own moments (biased variance), then applies scale [c] and offset [c]. */
export function batchNorm(
  x: tf.Tensor,
  scale: tf.Tensor,
  offset: tf.Tensor,
  epsilon = defaultEpsilon,
): tf.Tensor {
  const normalise = tf.customGrad((...args) => {
    const [input, gain, shift, save] = args as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    save([input, gain]);
    const { mean, variance } = batchMoments(input);
    return {
      value: normaliseWith(input, mean, variance, gain, shift, epsilon),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => batchNormGradient(dy, saved[0]!, saved[1]!, epsilon),
    };
  });
  return normalise(x, scale, offset);
}

/** Gradients at x, scale and offset (Ioffe and Szegedy 2015, section 3, with the sums taken together). */
function batchNormGradient(
  dy: tf.Tensor,
  x: tf.Tensor,
  scale: tf.Tensor,
  epsilon: number,
): [tf.Tensor, tf.Tensor, tf.Tensor] {
  const { mean, variance } = batchMoments(x);
  const axes = batchAxes(x);
  const count = x.size / x.shape.at(-1)!;
  const centred = tf.sub(x, mean);
  const r = tf.rsqrt(tf.add(variance, epsilon)); // [c]
  const meanDy = tf.mean(dy, axes); // [c]
  const meanProduct = tf.mean(tf.mul(dy, centred), axes); // [c]
  const along = tf.mul(centred, tf.mul(meanProduct, tf.square(r)));
  return [
    tf.mul(tf.sub(tf.sub(dy, meanDy), along), tf.mul(scale, r)),
    tf.mul(meanProduct, tf.mul(r, count)),
    tf.mul(meanDy, count),
  ];
}

/** Batch norm by each batch's own statistics, as a {@link Normalise}. */
export const byBatch: Normalise<tf.Tensor> = (_, x, scale, offset) => batchNorm(x, scale, offset);
