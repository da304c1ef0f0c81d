// Least squares (Mao 2017, equation 9, with a = 0 and b = c = 1): D moves real logits to 1 and fake ones to 0, G moves fake ones
// to 1. Images far on the correct side of the boundary are pulled back to it too.
import * as tf from '@tensorflow/tfjs-core';
import type { Objective } from './objective.ts';

const halfSquares = (logits: tf.Tensor, target: number): tf.Scalar =>
  tf.mul(tf.mean(tf.square(tf.sub(logits, target))), 0.5);

/** Mao 2017. */
export const leastSquares = (): Objective => ({
  discriminatorLoss: (real, fake) => tf.add(halfSquares(real, 1), halfSquares(fake, 0)),
  generatorLoss: (fake) => halfSquares(fake, 1),
  logit: 'score',
  boundary: 0.5,
});
