// The DCGAN paper's features of a network (Radford 2016, section 5.1): what every convolutional layer gives, max-pooled to a
// grid of 4x4, flattened and put in a row.
import * as tf from '@tensorflow/tfjs-core';

/** Side of the grid. */
const grid = 4;

/**
 * Activations [b, h, w, c] each, of a height and width that 4 divides → [b, Σ 16 c]. Throws RangeError for one that 4 does
 * not divide.
 */
export function pooledLayers(layers: readonly tf.Tensor[]): tf.Tensor2D {
  const rows = layers.map((layer) => {
    const [batch, height, width] = layer.shape;
    if (layer.shape.length !== 4 || height! % grid !== 0 || width! % grid !== 0) {
      throw new RangeError(
        `layer: got [${layer.shape.join(', ')}], expected [b, h, w, c] with h and w multiples of ${grid}`,
      );
    }
    const window: [number, number] = [height! / grid, width! / grid];
    const pooled =
      height === grid && width === grid ? layer : tf.maxPool(layer as tf.Tensor4D, window, window, 'valid');
    return tf.reshape(pooled, [batch!, -1]) as tf.Tensor2D; // [b, 16 c]
  });
  return rows.length === 1 ? rows[0]! : tf.concat(rows, 1);
}
