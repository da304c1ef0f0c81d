// Penalties on the gradient of D's logits with respect to images. Each image's logit must not depend on the other images of the
// batch, so D cannot have batch norm.
import * as tf from '@tensorflow/tfjs-core';
import { valueAndGradients } from '../graph/trace/value-and-gradients.ts';

/** Images [b, h, w, c], or points [b, 2] → logits [b]. */
export type Discriminate = (images: tf.Tensor) => tf.Tensor;

/** Added under the root, because its derivative is infinite at 0. */
const rootEpsilon = 1e-12;

/** The squared length of the gradient of each image's logit: [b]. */
function squaredLengths(discriminate: Discriminate, images: tf.Tensor): tf.Tensor {
  const { gradients } = valueAndGradients(() => tf.sum(discriminate(images)), [images]);
  const axes = images.shape.slice(1).map((_, i) => i + 1);
  return tf.sum(tf.square(gradients[0]!), axes);
}

/**
 * The two-sided penalty on interpolates, without its weight: the mean of (‖∇D(x̂)‖ - 1)², x̂ = x + mix (G(z) - x), mix
 * uniform in [0, 1] [b, 1, 1, 1] (Gulrajani 2017, equation 3).
 */
export function gradientPenalty(
  discriminate: Discriminate,
  real: tf.Tensor,
  fake: tf.Tensor,
  mix: tf.Tensor,
): tf.Scalar {
  const between = tf.add(real, tf.mul(mix, tf.sub(fake, real)));
  const lengths = tf.sqrt(tf.add(squaredLengths(discriminate, between), rootEpsilon));
  return tf.mean(tf.square(tf.sub(lengths, 1)));
}

/**
 * The penalty that is zero for a flat D, without its weight γ: half the mean of ‖∇D(x)‖². It is R1 at real images and R2 at
 * generated ones (Mescheder 2018, equations 9 and 10).
 */
export function flatnessPenalty(discriminate: Discriminate, images: tf.Tensor): tf.Scalar {
  return tf.mul(tf.mean(squaredLengths(discriminate, images)), 0.5);
}
