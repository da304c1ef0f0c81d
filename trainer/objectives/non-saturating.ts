// The usual objective of a DCGAN: D's cross-entropy, and for G the non-saturating loss -log D(G(z)) (Goodfellow 2014, section 3).
// Both are computed on logits: -log sigmoid(x) is softplus(-x).
import * as tf from '@tensorflow/tfjs-core';
import type { Objective } from './objective.ts';

/** Settings of objectives whose logits are log-odds. */
export interface SmoothingSettings {
  /** Lowers the target of real images to 1 minus this (Salimans 2016, section 3.4). */
  readonly labelSmoothing: number;
}

/** Cross-entropy of real logits with target 1 - smoothing and of fake ones with target 0, as two means added. */
export function crossEntropy(real: tf.Tensor, fake: tf.Tensor, labelSmoothing: number): tf.Scalar {
  const ofReal = tf.mean(tf.softplus(tf.neg(real)));
  const ofFake = tf.mean(tf.softplus(fake));
  if (labelSmoothing === 0) return tf.add(ofReal, ofFake);
  const smoothed = tf.add(
    tf.mul(ofReal, 1 - labelSmoothing),
    tf.mul(tf.mean(tf.softplus(real)), labelSmoothing),
  );
  return tf.add(smoothed, ofFake);
}

/** Goodfellow 2014, with the generator's loss of its section 3. */
export const nonSaturating = ({ labelSmoothing }: SmoothingSettings): Objective => ({
  discriminatorLoss: (real, fake) => crossEntropy(real, fake, labelSmoothing),
  generatorLoss: (fake) => tf.mean(tf.softplus(tf.neg(fake))),
  logit: 'probability',
});
