// Labels, attributes or numbers as maps beside the images of a discriminator that does not project them.
import * as tf from '@tensorflow/tfjs-core';

/** Joins images [n, h, w, c] and labels [n, columns], each as a constant map: [n, h, w, c + columns]. */
export function joinLabelMaps(images: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  const [n, classes] = labels.shape as [number, number];
  const [, h, w] = images.shape as [number, number, number, number];
  return tf.concat([images, tf.tile(tf.reshape(labels, [n, 1, 1, classes]), [1, h!, w!, 1])], 3);
}

/** A discriminator's images: with labels as maps, unless it has none or projects them. */
export function besideImages(
  { projectedColumns = 0 }: { readonly projectedColumns?: number },
  images: tf.Tensor,
  labels: tf.Tensor | null,
): tf.Tensor {
  return labels === null || projectedColumns > 0 ? images : joinLabelMaps(images, labels);
}
