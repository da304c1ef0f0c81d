// What pictures lose by when an attribute is to be given to them and all others are to stay: by how much it is missing, and how
// much a classifier's other verdicts are disturbed. Directions are refined by it, and latents steered.
import * as tf from '@tensorflow/tfjs-core';

/** How far beyond its border an attribute is pushed: in logits, and in a continuous one's units. */
export interface Margins {
  readonly binary: number;
  readonly continuous: number;
}

/** How much more other attributes count when they are values than when they are logits. */
const continuousWeight = 4;

/** Verdicts [n, attributes] of binary attributes from one tensor, of continuous ones from the other; `isBinary` [attributes]. */
function either(isBinary: tf.Tensor, binary: tf.Tensor, continuous: tf.Tensor): tf.Tensor {
  return tf.add(tf.mul(isBinary, binary), tf.mul(tf.sub(1, isBinary), continuous));
}

/** By how much verdicts [n, attributes] are below their margins. */
export function missing(isBinary: tf.Tensor, predictions: tf.Tensor, margins: Margins): tf.Tensor {
  return either(
    isBinary,
    tf.softplus(tf.sub(margins.binary, predictions)),
    tf.mul(2, tf.relu(tf.sub(margins.continuous, predictions))),
  );
}

/** How far verdicts are from those before, [n, attributes] both: Kullback-Leibler divergence, and squares. */
export function disturbed(isBinary: tf.Tensor, after: tf.Tensor, before: tf.Tensor): tf.Tensor {
  const held = tf.sigmoid(before);
  const entropy = (logits: tf.Tensor): tf.Tensor => tf.sub(tf.softplus(logits), tf.mul(logits, held));
  return either(
    isBinary,
    tf.sub(entropy(after), entropy(before)),
    tf.mul(continuousWeight, tf.squaredDifference(after, before)),
  );
}
