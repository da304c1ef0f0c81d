// The hinge loss (Lim and Ye 2017; Miyato 2018, equations 16 and 17): D stops moving an image's score once it is beyond the
// margin; G raises the scores of generated images.
import * as tf from '@tensorflow/tfjs-core';
import type { Objective } from './objective.ts';

/** Lim and Ye 2017. */
export const hinge = (): Objective => ({
  discriminatorLoss: (real, fake) =>
    tf.add(tf.mean(tf.relu(tf.sub(1, real))), tf.mean(tf.relu(tf.add(1, fake)))),
  generatorLoss: (fake) => tf.neg(tf.mean(fake)),
  logit: 'score',
});
