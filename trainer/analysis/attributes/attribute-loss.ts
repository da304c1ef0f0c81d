// Loss for editing one attribute, used to refine directions and to steer latents: a hinge on the target attribute's prediction, and
// a penalty on changes of all other predictions.
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

/** Hinge of predictions [n, attributes] against their margins: a softplus for logits of binary attributes, 2 · ReLU for values. */
export function targetLoss(isBinary: tf.Tensor, predictions: tf.Tensor, margins: Margins): tf.Tensor {
  return either(
    isBinary,
    tf.softplus(tf.sub(margins.binary, predictions)),
    tf.mul(2, tf.relu(tf.sub(margins.continuous, predictions))),
  );
}

/**
 * Penalty on the change of predictions, both [n, attributes]: KL divergence for binary attributes, weighted squared difference for
 * continuous ones.
 */
export function preservationLoss(isBinary: tf.Tensor, after: tf.Tensor, before: tf.Tensor): tf.Tensor {
  const probability = tf.sigmoid(before);
  const entropy = (logits: tf.Tensor): tf.Tensor => tf.sub(tf.softplus(logits), tf.mul(logits, probability));
  return either(
    isBinary,
    tf.sub(entropy(after), entropy(before)),
    tf.mul(continuousWeight, tf.squaredDifference(after, before)),
  );
}
