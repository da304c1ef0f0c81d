// Nearest-neighbour upsampling by reshape and tile: TensorFlow's own resize has no deterministic gradient on a GPU.
import * as tf from '@tensorflow/tfjs-core';

/** Doubles height and width by repeating pixels: [b, h, w, c] → [b, 2h, 2w, c]. */
export function upsample(x: tf.Tensor): tf.Tensor {
  const [b, h, w, c] = x.shape as [number, number, number, number];
  const repeated = tf.tile(tf.reshape(x, [b, h, 1, w, 1, c]), [1, 1, 2, 1, 2, 1]);
  return tf.reshape(repeated, [b, 2 * h, 2 * w, c]);
}
