// The Wasserstein distance in its dual form (Arjovsky 2017, equation 2): the critic's mean score of real images less that
// of fake ones, for a critic that is kept from being steep, by clipped weights or by a penalty on its gradient.
import * as tf from '@tensorflow/tfjs-core';
import type { Objective } from './objective.ts';

/** Arjovsky 2017, algorithm 1. */
export const wasserstein: Objective = {
  discriminatorLoss: (real, fake) => tf.sub(tf.mean(fake), tf.mean(real)),
  generatorLoss: (fake, real = null) =>
    real === null ? tf.neg(tf.mean(fake)) : tf.sub(tf.mean(real), tf.mean(fake)),
  logit: 'score',
};
