// Differentiable augmentation (Zhao 2020): colours, a shift and a square of zeros. A shift by whole pixels is two matrix products with
// shifted identities, which have derivatives on every engine.
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors } from '../../engine/engine.ts';

/**
 * Augments images [b, h, w, c] in [-1, 1] by the tensors of one pass; returns them unchanged without any. Colours change, a fourth
 * channel (alpha) does not.
 */
export function diffAugment(images: tf.Tensor, given: NamedTensors): tf.Tensor {
  const { brightness, saturation, contrast, rows, columns, kept } = given;
  const hasColour = [brightness, saturation, contrast].some((factor) => factor !== undefined);
  const [colours, alpha = null] =
    hasColour && images.shape[3] === 4 ? (tf.split(images, [3, 1], 3) as tf.Tensor[]) : [images];
  let x = colours!;
  if (brightness !== undefined) x = tf.add(x, brightness);
  if (saturation !== undefined) x = around(tf.mean(x, 3, true), x, saturation);
  if (contrast !== undefined) x = around(tf.mean(x, [1, 2, 3], true), x, contrast);
  if (alpha !== null) x = tf.concat([x, alpha], 3);
  if (rows !== undefined && columns !== undefined) {
    const [b, h, w, c] = x.shape as [number, number, number, number];
    const down = tf.matMul(rows as tf.Tensor3D, tf.reshape(x, [b, h, w * c]) as tf.Tensor3D); // [b, h, w·c]
    // Columns are shifted as rows are, with each image transposed.
    const transposed = tf.transpose(tf.reshape(down, [b, h, w, c]), [0, 1, 3, 2]); // [b, h, c, w]
    const across = tf.matMul(tf.reshape(transposed, [b, h * c, w]) as tf.Tensor3D, columns as tf.Tensor3D);
    x = tf.transpose(tf.reshape(across, [b, h, c, w]), [0, 1, 3, 2]);
  }
  return kept === undefined ? x : tf.mul(x, kept);
}

function around(mean: tf.Tensor, x: tf.Tensor, factor: tf.Tensor): tf.Tensor {
  return tf.add(mean, tf.mul(tf.sub(x, mean), factor));
}
