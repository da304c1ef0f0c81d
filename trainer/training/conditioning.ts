// Conditions in the networks: a generator gets them joined to z; a discriminator gets all but codes as maps beside the image, or projects
// them.
import * as tf from '@tensorflow/tfjs-core';

/** Joins z [n, latent] and its condition [n, columns] along the last axis. */
export function joinCondition(z: tf.Tensor, condition: tf.Tensor | null): tf.Tensor {
  return condition === null ? z : tf.concat([z, condition], 1);
}

/** Joins images [n, h, w, c] and labels [n, columns], each as a constant map: [n, h, w, c + columns]. */
export function joinLabelMaps(images: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  const [n, classes] = labels.shape as [number, number];
  const [, h, w] = images.shape as [number, number, number, number];
  return tf.concat([images, tf.tile(tf.reshape(labels, [n, 1, 1, classes]), [1, h!, w!, 1])], 3);
}
