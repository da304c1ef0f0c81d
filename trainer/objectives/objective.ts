// What a GAN's objective is: two losses of the discriminator's logits, each a mean over the batch.
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';

/** Losses of logits [b]; both are minimised. */
export interface Objective {
  /**
   * D's loss. `labelSmoothing` lowers the label of real images to one minus it (Salimans 2016, section 3.4); only an
   * objective of probabilities has it.
   */
  discriminatorLoss(real: Tensor, fake: Tensor, labelSmoothing: number): Scalar;
  /**
   * G's loss. `real`, the logits of real images, count only where D has been unrolled, so that they depend on G: all of the
   * game's value is G's loss then, where G minimises it (Metz 2017, equation 7).
   */
  generatorLoss(fake: Tensor, real?: Tensor | null): Scalar;
  /** What a logit is: that of the probability of being real, or a score without bounds. */
  readonly logit: 'probability' | 'score';
}
