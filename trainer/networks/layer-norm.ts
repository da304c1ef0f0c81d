// Layer normalisation (Ba 2016) as critics use it (Gulrajani 2017, section 4): each image is normalised by the mean and
// variance of its own activations, then each channel is scaled and shifted. No image's logit depends on another image, as a
// penalty on the gradient at each image requires. The gradient is written by hand, as batch norm's is.
import * as tf from '@tensorflow/tfjs-core';
import { defaultEpsilon } from './batch-norm.ts';

/** Each image at mean 0 and deviation 1: `values` [b, …, c], and the factors 1 / deviation, `r` [b, 1, …, 1]. */
function standardised(x: tf.Tensor, epsilon: number): { readonly values: tf.Tensor; readonly r: tf.Tensor } {
  const axes = imageAxes(x);
  const centred = tf.sub(x, tf.mean(x, axes, true));
  const r = tf.rsqrt(tf.add(tf.mean(tf.square(centred), axes, true), epsilon));
  return { values: tf.mul(centred, r), r };
}

/** All axes but the first. */
function imageAxes(x: tf.Tensor): number[] {
  return x.shape.slice(1).map((_, i) => i + 1);
}

/** Normalises each image of x [b, …, c] by its own moments (biased variance), then applies scale [c] and offset [c]. */
export function layerNorm(
  x: tf.Tensor,
  scale: tf.Tensor,
  offset: tf.Tensor,
  epsilon = defaultEpsilon,
): tf.Tensor {
  const normalise = tf.customGrad((...args) => {
    const [input, gain, shift, save] = args as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    save([input, gain]);
    return {
      value: tf.add(tf.mul(standardised(input, epsilon).values, gain), shift),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => layerNormGradient(dy, saved[0]!, saved[1]!, epsilon),
    };
  });
  return normalise(x, scale, offset);
}

/** Gradients at x, scale and offset. */
function layerNormGradient(
  dy: tf.Tensor,
  x: tf.Tensor,
  scale: tf.Tensor,
  epsilon: number,
): [tf.Tensor, tf.Tensor, tf.Tensor] {
  const { values, r } = standardised(x, epsilon);
  const axes = imageAxes(x);
  const scaled = tf.mul(dy, scale);
  const along = tf.mul(values, tf.mean(tf.mul(scaled, values), axes, true));
  const channelAxes = x.shape.slice(0, -1).map((_, axis) => axis);
  return [
    tf.mul(tf.sub(tf.sub(scaled, tf.mean(scaled, axes, true)), along), r),
    tf.sum(tf.mul(dy, values), channelAxes),
    tf.sum(dy, channelAxes),
  ];
}
