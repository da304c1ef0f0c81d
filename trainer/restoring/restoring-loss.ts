// The loss of a restored image (Yeh 2017, section 3): the weighted difference from the known pixels, the discriminator's realism
// term, and a prior on the latent. One number per image, independent of the others, so that several images and restarts can share a
// batch.
import * as tf from '@tensorflow/tfjs-core';
import { lumaWeights } from '../../runtime-web/format/restoring/colour.ts';
import type { LatentDistribution } from '../../runtime-web/format/random.ts';

/**
 * The scale at which the penalty of a difference in [-1, 1] changes from quadratic to linear: quadratic penalties let a
 * few pixels that the generator cannot match outweigh all others, and purely linear ones make the last steps unstable.
 */
const softness = 0.05;

/** The weights of the terms, scalars; see TermWeights. */
export type TermTensors = Readonly<Record<'colour' | 'luminance' | 'realism' | 'typical', tf.Tensor>>;

/** Inputs of the loss, all float32. */
export interface LossInputs {
  /** [n, h, w, c] generated images. */
  readonly images: tf.Tensor;
  /** [n] logits of D for `images`. */
  readonly logits: tf.Tensor;
  /** [n, dim] */
  readonly z: tf.Tensor;
  /** [n, h, w, c] known pixels; any value where the weight is 0. */
  readonly target: tf.Tensor;
  /** [n, h, w, 1] weights, at least 0; not all 0. */
  readonly weights: tf.Tensor;
  readonly terms: TermTensors;
}

/** Charbonnier's penalty: √(x² + s²) - s, about |x| for large x, x² / 2s for small. */
const robust = (x: tf.Tensor): tf.Tensor => tf.sub(tf.sqrt(tf.add(tf.square(x), softness ** 2)), softness);

/** The weighted mean over an image's pixels of the penalties of differences [n, h, w, c]: [n]. */
function weightedMean(difference: tf.Tensor, weights: tf.Tensor): tf.Tensor {
  const ofPixels = tf.mean(robust(difference), 3, true); // [n, h, w, 1]
  return tf.div(tf.sum(tf.mul(ofPixels, weights), [1, 2, 3]), tf.sum(weights, [1, 2, 3]));
}

/** The luminance [n, h, w, 1] of images [n, h, w, c]; grey images stay as they are. */
function luminance(images: tf.Tensor): tf.Tensor {
  if (images.shape[3] === 1) return images;
  return tf.sum(tf.mul(images, tf.tensor1d([...lumaWeights])), 3, true);
}

/**
 * The squared deviation of a latent's length from that of a typical standard normal latent, for latents [n, dim]: [n].
 */
export function atypicality(z: tf.Tensor): tf.Tensor {
  // The root mean square of a normal latent is close to 1 in many dimensions.
  const length = tf.sqrt(tf.add(tf.mean(tf.square(z), 1), 1e-6));
  return tf.square(tf.sub(length, 1));
}

/**
 * The loss of each image, [n]. Realism is -log D(G(z)), not the paper's log(1 - D(G(z))): both have the same optimum, but
 * the paper's has no gradient where D is certain, which is where it is needed (Goodfellow 2014, section 3). A uniform
 * prior needs no term: the step keeps z within its range.
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
