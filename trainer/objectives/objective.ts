// What a GAN's objective is: two losses of the discriminator's logits, each a mean over the batch.
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';

/** Losses of logits [b]; both are minimised. */
export interface Objective {
  /** D's loss. `labelSmoothing` lowers the label of real images to one minus it (Salimans 2016, section 3.4). */
  discriminatorLoss(real: Tensor, fake: Tensor, labelSmoothing: number): Scalar;
  /** G's loss. */
  generatorLoss(fake: Tensor): Scalar;
}
