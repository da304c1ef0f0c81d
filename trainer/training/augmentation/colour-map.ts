// Maps of colours, one for each image (`colour-values.ts` of the format has their numbers).
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors } from '../../engine/engine.ts';

/** Maps the colours of images [b, c, h, w] by the tensors of `colourInputs`. */
export function mapColours(images: tf.Tensor, { colourMatrix, colourOffset }: NamedTensors): tf.Tensor {
  const [b, c, h, w] = images.shape as [number, number, number, number];
  const [colours, alpha = null] = c === 4 ? (tf.split(images, [3, 1], 1) as tf.Tensor[]) : [images];
  const mapped = Math.min(c, 3);
  const flat = tf.reshape(colours!, [b, mapped, h * w]);
  const changed = tf.reshape(tf.add(tf.matMul(colourMatrix!, flat), colourOffset!), [b, mapped, h, w]);
  return alpha === null ? changed : tf.concat([changed, alpha], 1);
}
