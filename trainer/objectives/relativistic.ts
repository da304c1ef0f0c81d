// Relativistic pairing (Jolicoeur-Martineau 2018; Huang 2024, as in R3GAN/Trainer.py of its published code): D learns which image of a
// pair, one real and one generated, is the real one, and G learns to be taken for it. A score means nothing alone; the difference of two
// is a log-odds.
import * as tf from '@tensorflow/tfjs-core';
import type { Objective } from './objective.ts';

/** Mean of -log sigmoid(above - below) over the pairs, image k of one batch with image k of the other. */
const pairLoss = (above: tf.Tensor, below: tf.Tensor): tf.Scalar =>
  tf.mean(tf.softplus(tf.sub(below, above)));

/** Jolicoeur-Martineau 2018, the relativistic GAN with the cross-entropy. `generatorLoss` throws RangeError without `real`. */
export const relativistic = (): Objective => ({
  discriminatorLoss: (real, fake) => pairLoss(real, fake),
  generatorLoss: (fake, real = null) => {
    if (real === null)
      throw new RangeError('real: got none; the loss is of pairs of a real and a generated image');
    return pairLoss(fake, real);
  },
  logit: 'score',
  isPaired: true,
});
