// Loss for editing one attribute: a hinge term that is positive until the classifier predicts the target attribute with a margin,
// plus a penalty on changes of all other predictions. Used to refine directions and to steer latents.
import * as tf from '@tensorflow/tfjs-core';

/** Margin beyond the decision border, in logits for binary attributes and in units of continuous ones. */
export interface Margins {
  readonly binary: number;
  readonly continuous: number;
}

/** Weight of continuous attributes relative to binary ones in the penalty. */
const continuousWeight = 4;

/**
 * Combines predictions [n, attributes]: those of binary attributes from one tensor, those of continuous ones from the
 * other; `isBinary` is [attributes].
 */
function either(isBinary: tf.Tensor, binary: tf.Tensor, continuous: tf.Tensor): tf.Tensor {
  return tf.add(tf.mul(isBinary, binary), tf.mul(tf.sub(1, isBinary), continuous));
}

/** The amount by which predictions [n, attributes] are below their margins. */
export function missing(isBinary: tf.Tensor, predictions: tf.Tensor, margins: Margins): tf.Tensor {
  return either(
    isBinary,
    tf.softplus(tf.sub(margins.binary, predictions)),
    tf.mul(2, tf.relu(tf.sub(margins.continuous, predictions))),
  );
}

/**
 * Change of predictions, both [n, attributes]: KL divergence for binary attributes, squared difference for continuous
 * ones.
 */
export function disturbed(isBinary: tf.Tensor, after: tf.Tensor, before: tf.Tensor): tf.Tensor {
  const held = tf.sigmoid(before);
  const entropy = (logits: tf.Tensor): tf.Tensor => tf.sub(tf.softplus(logits), tf.mul(logits, held));
  return either(
    isBinary,
    tf.sub(entropy(after), entropy(before)),
    tf.mul(continuousWeight, tf.squaredDifference(after, before)),
  );
}
