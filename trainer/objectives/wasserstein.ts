// The Wasserstein distance in its dual form (Arjovsky 2017, equation 2): the critic's mean score of real images minus that of
// generated ones. The critic must stay Lipschitz, by clipped weights or by a penalty on its gradient.
import * as tf from '@tensorflow/tfjs-core';
import type { Objective } from './objective.ts';

/** Arjovsky 2017, algorithm 1. The optimiser clips the weights. */
export const wasserstein = (): Objective => ({
  discriminatorLoss: (real, fake) => tf.sub(tf.mean(fake), tf.mean(real)),
  generatorLoss: (fake, real = null) =>
    real === null ? tf.neg(tf.mean(fake)) : tf.sub(tf.mean(real), tf.mean(fake)),
  logit: 'score',
  boundary: null,
});

/** WGAN-GP (Gulrajani 2017, algorithm 1). */
export const wassersteinWithPenalty = ({ penaltyWeight }: { readonly penaltyWeight: number }): Objective => ({
  ...wasserstein(),
  penaltyWeight,
});
