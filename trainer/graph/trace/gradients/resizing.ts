// Gradients of resizing. Resizing is linear along each axis, so its transpose is two products with small
// matrices. They are correct for every option (tfjs's own gradient kernel ignores half-pixel centres), differentiable and
// deterministic. For whole factors average pooling is faster.
import * as tf from '@tensorflow/tfjs-core';
import { resizingMatrix, type Sampling } from '../kernels/resizing.ts';
import { gradient } from './gradient.ts';

type Size = [number, number];

/** Attributes of both kernels. */
interface Resizing extends Sampling {
  readonly size: Size;
}

/** The transpose of a resizing: dy [n, H, W, c] to [n, h, w, c]. */
function transposed(
  dy: tf.Tensor,
  images: tf.Tensor,
  kind: 'nearest' | 'bilinear',
  attrs: Resizing,
): tf.Tensor {
  const [n, h, w, c] = images.shape as [number, number, number, number];
  const [height, width] = attrs.size;
  const rows = tf.tensor2d(resizingMatrix(kind, h, height, attrs), [height, h]);
  const columns = tf.tensor2d(resizingMatrix(kind, w, width, attrs), [width, w]);
  const lessHigh = tf.matMul(rows, tf.reshape(dy, [n, height, width * c]), true); // [n, h, W·c]
  const lessWide = tf.matMul(columns, tf.reshape(lessHigh, [n * h, width, c]), true); // [n·h, w, c]
  return tf.reshape(lessWide, images.shape);
}

/** The factors by which images were enlarged; null unless both are whole. */
function wholeFactors(images: tf.Tensor, [height, width]: Size): Size | null {
  const [rows, columns] = [height / images.shape[1]!, width / images.shape[2]!];
  return Number.isInteger(rows) && Number.isInteger(columns) ? [rows, columns] : null;
}

/** Gradients of resizing. */
export const resizing: readonly tf.GradConfig[] = [
  gradient('ResizeNearestNeighbor', ['images'], (dy, [images], attrs: Resizing) => ({
    images: () => {
      const factors = wholeFactors(images, attrs.size);
      if (factors === null || attrs.alignCorners) return transposed(dy, images, 'nearest', attrs);
      return tf.mul(tf.avgPool(dy as tf.Tensor4D, factors, factors, 'valid'), factors[0] * factors[1]);
    },
  })),
  gradient('ResizeBilinear', ['images'], (dy, [images], attrs: Resizing) => ({
    images: () => transposed(dy, images, 'bilinear', attrs),
  })),
];
