// What a restored picture is judged by (Yeh 2017, section 3): it agrees with what is known of the picture, each pixel by its
// weight; the discriminator takes it for real; and its latent is one such as the generator was trained with. One number for
// each picture, none of which depends on another's, so that several pictures and several restarts share a batch.
import * as tf from '@tensorflow/tfjs-core';
import { lumaWeights } from '../../runtime-web/format/restoring/colour.ts';
import type { LatentDistribution } from '../../runtime-web/format/random.ts';

/**
 * Where differences in [-1, 1] stop counting by their square and start to count by their size: with a square a few pixels
 * that no picture of the generator's can have would outweigh all others, with the size alone the last steps jump about.
 */
const softness = 0.05;

/** The weights of the terms, scalars; see TermWeights. */
export type TermTensors = Readonly<Record<'colour' | 'luminance' | 'realism' | 'typical', tf.Tensor>>;

/** What is compared: all float32. */
export interface LossInputs {
  /** [n, h, w, c], as drawn. */
  readonly images: tf.Tensor;
  /** [n], D's of `images`. */
  readonly logits: tf.Tensor;
  /** [n, dim] */
  readonly z: tf.Tensor;
  /** [n, h, w, c], what is known; anything where the weights are 0. */
  readonly target: tf.Tensor;
  /** [n, h, w, 1], from 0; not all 0. */
  readonly weights: tf.Tensor;
  readonly terms: TermTensors;
}

/** Charbonnier's: √(x² + s²) - s, about |x| for large x, x² / 2s for small. */
const robust = (x: tf.Tensor): tf.Tensor => tf.sub(tf.sqrt(tf.add(tf.square(x), softness ** 2)), softness);

/** The mean over a picture's pixels of what each differs by [n, h, w, c], by weight: [n]. */
function weightedMean(difference: tf.Tensor, weights: tf.Tensor): tf.Tensor {
  const ofPixels = tf.mean(robust(difference), 3, true); // [n, h, w, 1]
  return tf.div(tf.sum(tf.mul(ofPixels, weights), [1, 2, 3]), tf.sum(weights, [1, 2, 3]));
}

/** The luminance [n, h, w, 1] of images [n, h, w, c]; those of one channel are their own. */
function luminance(images: tf.Tensor): tf.Tensor {
  if (images.shape[3] === 1) return images;
  return tf.sum(tf.mul(images, tf.tensor1d([...lumaWeights])), 3, true);
}

/** How far the length of latents [n, dim] is from that of most latents of a standard normal distribution, squared: [n]. */
export function atypicality(z: tf.Tensor): tf.Tensor {
  // The root of a mean square, which is near one for nearly all of them where there are many dimensions.
  const length = tf.sqrt(tf.add(tf.mean(tf.square(z), 1), 1e-6));
  return tf.square(tf.sub(length, 1));
}

/**
 * The loss of each picture [n]. Realism is -log D(G(z)) and not, as in the paper, log(1 - D(G(z))): the two agree on what is
 * best, and the paper's has no gradient where D is sure, which is where it is needed (Goodfellow 2014, section 3). A uniform
 * prior has no term: there z is kept in its range by the step.
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
