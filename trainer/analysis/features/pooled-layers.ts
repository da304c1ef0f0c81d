// The DCGAN paper's features of a network (Radford 2016, section 5.1): the output of every convolutional layer, max-pooled to
// 4x4, flattened and concatenated.
import * as tf from '@tensorflow/tfjs-core';

/** Side of the pooled layers. */
const grid = 4;

/** Activations [b, h, w, c] of sizes divisible by 4 → [b, Σ 16 c]. Throws RangeError for other sizes. */
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
