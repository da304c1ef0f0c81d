// A GAN objective: two losses of the discriminator's logits, each a mean over the batch.
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';

/** Losses of logits [b]; both are minimised. */
export interface Objective {
  discriminatorLoss(real: Tensor, fake: Tensor): Scalar;
  /**
   * G's loss. `real` holds the logits of real images, given if the objective is paired, or if D has been unrolled, because they
   * then depend on G. An objective whose value G minimises then returns the whole value (Metz 2017, equation 7).
   */
  generatorLoss(fake: Tensor, real?: Tensor | null): Scalar;
  /** The meaning of a logit: the log-odds of being real, or an unbounded score. */
  readonly logit: 'probability' | 'score';
  /** True if both losses compare each generated image with a real one. Default false. */
  readonly isPaired?: boolean;
  /**
   * The logit of an image that D takes for real and for generated alike; if the objective is paired, the difference of two logits.
   * Null for a critic, whose scores have no such level. Default 0.
   */
  readonly boundary?: number | null;
  /** Weight of the gradient penalty on interpolates. Default: no penalty. */
  readonly penaltyWeight?: number;
}
