// The original two-player game (Goodfellow 2014, equation 1): G minimises what D maximises, log(1 - D(G(z))).
// Its gradient vanishes where D is sure; that is what the non-saturating loss is for.
import * as tf from '@tensorflow/tfjs-core';
import { crossEntropy } from './non-saturating.ts';
import type { Objective } from './objective.ts';

/** Goodfellow 2014, equation 1. */
export const minimax: Objective = {
  discriminatorLoss: crossEntropy,
  generatorLoss: (fake, real = null) =>
    real === null ? tf.neg(tf.mean(tf.softplus(fake))) : tf.neg(crossEntropy(real, fake, 0)),
  logit: 'probability',
};
