// The original two-player game (Goodfellow 2014, equation 1): G minimises what D maximises, log(1 - D(G(z))). G's gradient
// vanishes where D is certain, which the non-saturating loss avoids.
import * as tf from '@tensorflow/tfjs-core';
import { crossEntropy, type SmoothingSettings } from './non-saturating.ts';
import type { Objective } from './objective.ts';

/** Goodfellow 2014, equation 1. */
export const minimax = ({ labelSmoothing }: SmoothingSettings): Objective => ({
  discriminatorLoss: (real, fake) => crossEntropy(real, fake, labelSmoothing),
  generatorLoss: (fake, real = null) =>
    real === null ? tf.neg(tf.mean(tf.softplus(fake))) : tf.neg(crossEntropy(real, fake, 0)),
  logit: 'probability',
});
