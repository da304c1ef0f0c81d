// The objective that everybody trains DCGAN with: D's cross-entropy, and for G the non-saturating loss
// -log D(G(z)) (Goodfellow 2014, section 3), all on logits: -log sigmoid(x) is softplus(-x).
import * as tf from '@tensorflow/tfjs-core';
import type { Objective } from './objective.ts';

/** Cross-entropy of real logits against the label 1 - smoothing and of fake ones against 0, as two means added. */
export function crossEntropy(real: tf.Tensor, fake: tf.Tensor, labelSmoothing: number): tf.Scalar {
  const forReal = tf.mean(tf.softplus(tf.neg(real)));
  const onFake = tf.mean(tf.softplus(fake));
  if (labelSmoothing === 0) return tf.add(forReal, onFake);
  const smoothed = tf.add(
    tf.mul(forReal, 1 - labelSmoothing),
    tf.mul(tf.mean(tf.softplus(real)), labelSmoothing),
  );
  return tf.add(smoothed, onFake);
}

/** Goodfellow 2014, with the generator's loss of its section 3. */
export const nonSaturating: Objective = {
  discriminatorLoss: crossEntropy,
  generatorLoss: (fake) => tf.mean(tf.softplus(tf.neg(fake))),
  logit: 'probability',
};
