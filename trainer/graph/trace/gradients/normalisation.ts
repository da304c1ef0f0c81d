// The gradient of tf.batchNorm's kernel, which normalises with a given mean and variance:
// y = (x - mean)·r·scale + offset with r = 1/√(variance + ε).
import * as tf from '@tensorflow/tfjs-core';
import { gradient, unbroadcast } from './gradient.ts';

/** Gradients of normalisation with given moments; `scale` and `offset` must both be given. */
export const normalisation: readonly tf.GradConfig[] = [
  gradient(
    'FusedBatchNorm',
    ['x', 'mean', 'variance', 'scale', 'offset'],
    (dy, [x, mean, variance, scale, offset], { varianceEpsilon }: tf.FusedBatchNormAttrs) => {
      const r = (): tf.Tensor => tf.rsqrt(tf.add(variance, varianceEpsilon));
      const factor = (): tf.Tensor => tf.mul(scale, r());
      const spread = (): tf.Tensor => unbroadcast(tf.mul(dy, tf.sub(x, mean)), variance.shape);
      return {
        x: () => tf.mul(dy, factor()),
        mean: () => tf.neg(unbroadcast(tf.mul(dy, factor()), mean.shape)),
        variance: () => tf.mul(spread(), tf.mul(tf.mul(factor(), tf.square(r())), -0.5)),
        scale: () => unbroadcast(tf.mul(spread(), r()), scale.shape),
        offset: () => unbroadcast(dy, offset.shape),
      };
    },
  ),
];
