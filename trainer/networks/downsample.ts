// Downsampling by the mean of four pixels, as a reshape and a mean: both have derivatives of every order.
import * as tf from '@tensorflow/tfjs-core';

/** Halves height and width by taking the mean of each four pixels: [b, 2h, 2w, c] → [b, h, w, c]. */
export function downsample(x: tf.Tensor): tf.Tensor {
  const [b, h, w, c] = x.shape as [number, number, number, number];
  return tf.mean(tf.reshape(x, [b, h / 2, 2, w / 2, 2, c]), [2, 4]);
}
