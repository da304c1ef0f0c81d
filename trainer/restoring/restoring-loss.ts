// The loss of restoring (Yeh 2017, section 3): weighted difference from the known pixels, plus realism (the discriminator's logit),
// plus a penalty on atypical latents. Each image's loss is independent of the others, so images and restarts share a batch.
import * as tf from '@tensorflow/tfjs-core';
import { lumaWeights } from '../../runtime-web/format/restoring/colour.ts';
import type { LatentDistribution } from '../../runtime-web/format/random.ts';

/**
 * The difference in [-1, 1] at which the penalty changes from quadratic to linear. A square alone lets a few pixels that the
 * generator cannot reach outweigh all others; an absolute value alone makes the last updates oscillate.
 */
const softness = 0.05;

/** Weights of the terms as scalars; see TermWeights. */
export type TermTensors = Readonly<Record<'colour' | 'luminance' | 'realism' | 'typical', tf.Tensor>>;

/** Inputs of {@link restoringLoss}, all float32. */
export interface LossInputs {
  /** Generated images [n, h, w, c]. */
  readonly images: tf.Tensor;
  /** Logits [n] of `images`. */
  readonly logits: tf.Tensor;
  /** [n, dim] */
  readonly z: tf.Tensor;
  /** [n, h, w, c]; arbitrary where the weight is 0. */
  readonly target: tf.Tensor;
  /** [n, h, w, 1], non-negative, not all 0. */
  readonly weights: tf.Tensor;
  readonly terms: TermTensors;
}

/** Charbonnier penalty √(x² + s²) - s: about |x| for large x, x² / 2s for small x. */
const robust = (x: tf.Tensor): tf.Tensor => tf.sub(tf.sqrt(tf.add(tf.square(x), softness ** 2)), softness);

/** Weighted mean of the penalty over an image's pixels: [n]. */
function weightedMean(difference: tf.Tensor, weights: tf.Tensor): tf.Tensor {
  const ofPixels = tf.mean(robust(difference), 3, true); // [n, h, w, 1]
  return tf.div(tf.sum(tf.mul(ofPixels, weights), [1, 2, 3]), tf.sum(weights, [1, 2, 3]));
}

/** Luminance [n, h, w, 1] of images [n, h, w, c]; grey images are their own luminance, alpha has none. */
function luminance(images: tf.Tensor): tf.Tensor {
  const channels = images.shape[3]!;
  if (channels === 1) return images;
  return tf.sum(tf.mul(images, tf.tensor1d([...lumaWeights, 0].slice(0, channels))), 3, true);
}

/** Squared distance of the RMS of latents [n, dim] from 1, the RMS of typical standard normal latents: [n]. */
export function atypicality(z: tf.Tensor): tf.Tensor {
  // In many dimensions nearly all standard normal latents have an RMS near 1.
  const length = tf.sqrt(tf.add(tf.mean(tf.square(z), 1), 1e-6));
  return tf.square(tf.sub(length, 1));
}

/**
 * The loss of each image [n]. Realism is -log D(G(z)); the paper's log(1 - D(G(z))) has the same optimum but no gradient where D is
 * sure that an image is generated (Goodfellow 2014, section 3). For a uniform latent distribution the typicality term is left out,
 * because the step clips z to its range.
 */
export function restoringLoss(inputs: LossInputs, distribution: LatentDistribution): tf.Tensor {
  const { images, logits, z, target, weights, terms } = inputs;
  const difference = tf.sub(images, target);
  const known = tf.add(
    tf.mul(terms.colour, weightedMean(difference, weights)),
    tf.mul(terms.luminance, weightedMean(luminance(difference), weights)),
  );
  const real = tf.add(known, tf.mul(terms.realism, tf.softplus(tf.neg(logits))));
  return distribution === 'normal' ? tf.add(real, tf.mul(terms.typical, atypicality(z))) : real;
}
