// The DCGAN paper's features of a network (Radford 2016, section 5.1): the output of every convolutional layer, max-pooled to the size
// of the smallest (4x4 for squares), flattened and concatenated.
import * as tf from '@tensorflow/tfjs-core';

/**
 * Activations [b, h, w, c], of which the smallest one's sides divide all others → [b, Σ smallest area · c]. Throws RangeError for other
 * sizes.
 */
export function pooledLayers(layers: readonly tf.Tensor[]): tf.Tensor2D {
  const smallest = (axis: 1 | 2): number => Math.min(...layers.map(({ shape }) => shape[axis] ?? 0));
  const [down, across] = [smallest(1), smallest(2)];
  const rows = layers.map((layer) => {
    const [batch, height, width] = layer.shape;
    if (layer.shape.length !== 4 || height! % down !== 0 || width! % across !== 0) {
      throw new RangeError(
        `layer: got [${layer.shape.join(', ')}], expected [b, h, w, c] with h and w multiples of ${down} and ${across}`,
      );
    }
    const window: [number, number] = [height! / down, width! / across];
    const pooled =
      height === down && width === across ? layer : tf.maxPool(layer as tf.Tensor4D, window, window, 'valid');
    return tf.reshape(pooled, [batch!, -1]) as tf.Tensor2D; // [b, smallest area · c]
  });
  return rows.length === 1 ? rows[0]! : tf.concat(rows, 1);
}
