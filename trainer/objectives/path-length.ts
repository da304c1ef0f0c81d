// Path length regularisation (Karras 2019, section 3.2): a step in the space of styles should change images by as much wherever it
// starts and wherever it leads. The gradient of images · y with respect to the styles, y random, has a length for each image; the
// penalty holds it at its running mean.
import * as tf from '@tensorflow/tfjs-core';
import { valueAndGradients } from '../graph/trace/value-and-gradients.ts';

/** Share of a batch's mean length in the running mean (the published code's); the first batch's mean is its first value. */
const meanShare = 0.01;

/** The penalty without its weight, and the next running mean. */
export interface PathLength {
  readonly penalty: tf.Scalar;
  /** A scalar. */
  readonly mean: tf.Tensor;
}

/**
 * The mean of (length - mean)² over the batch. `generate` maps styles [b, layers, dim], one for each layer, to images [b, h, w, c].
 * A length is the root of the squared gradient's sum over dim, averaged over layers. `noise` is standard normal, in the images' shape,
 * and `mean` the running mean of lengths, a scalar, 0 before the first. As in the published code the penalty's gradient includes that of
 * its update. There the mean moves away from 0 slowly, which in a run of thousands of steps would hold lengths near 0 for a large part of it.
 */
export function pathLength(
  generate: (styles: tf.Tensor) => tf.Tensor,
  styles: tf.Tensor,
  noise: tf.Tensor,
  mean: tf.Tensor,
): PathLength {
  const [, height, width] = noise.shape as [number, number, number, number];
  const y = tf.div(noise, Math.sqrt(height * width));
  const { gradients } = valueAndGradients(() => tf.sum(tf.mul(generate(styles), y)), [styles]);
  const lengths = tf.sqrt(tf.mean(tf.sum(tf.square(gradients[0]!), 2), 1)); // [b]
  const share = tf.where(tf.equal(mean, 0), 1, meanShare);
  const next = tf.add(mean, tf.mul(tf.sub(tf.mean(lengths), mean), share));
  return { penalty: tf.mean(tf.square(tf.sub(lengths, next))), mean: next };
}
