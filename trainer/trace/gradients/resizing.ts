// Gradients of resizing. Resizing is linear along each axis, so its transpose is two products with small
// matrices: right for every option (tfjs's own gradient kernel forgets half-pixel centres), differentiable,
// and the same bits every time. Enlarging by whole factors has a shorter way, through average pooling.
import * as tf from '@tensorflow/tfjs-core';
import { gradient } from './gradient.ts';

type Size = [number, number];

/** Attributes of both kernels. */
interface Resizing {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
  readonly size: Size;
}

/** Where output pixel `i` lies on the input's axis, in input pixels, by tfjs's conventions. */
type Weights = (position: number, input: number, attrs: Resizing) => readonly (readonly [number, number])[];

/** The one pixel that nearest-neighbour resizing takes. */
const nearest: Weights = (position, input, { alignCorners }) => {
  const pixel = alignCorners ? Math.round(position) : Math.floor(position);
  return [[Math.max(0, Math.min(input - 1, pixel)), 1]];
};

/** The two pixels that bilinear resizing takes, with their shares. */
const bilinear: Weights = (position, input, { halfPixelCenters }) => {
  const at = halfPixelCenters ? position - 0.5 : position;
  const low = Math.max(0, Math.floor(at));
  const share = at - low;
  return [
    [low, 1 - share],
    [Math.min(input - 1, Math.ceil(at)), share],
  ];
};

/** The resizing of one axis as a matrix [output, input]. */
function resizingMatrix(input: number, output: number, weights: Weights, attrs: Resizing): tf.Tensor2D {
  const ends = attrs.alignCorners && output > 1 ? 1 : 0;
  const ratio = (input - ends) / (output - ends);
  const matrix = new Float32Array(output * input);
  for (let i = 0; i < output; i++) {
    const position = ratio * (attrs.halfPixelCenters ? i + 0.5 : i);
    for (const [pixel, share] of weights(position, input, attrs)) matrix[i * input + pixel]! += share;
  }
  return tf.tensor2d(matrix, [output, input]);
}

/** The transpose of a resizing: dy [n, H, W, c] to [n, h, w, c]. */
function transposed(dy: tf.Tensor, images: tf.Tensor, weights: Weights, attrs: Resizing): tf.Tensor {
  const [n, h, w, c] = images.shape as [number, number, number, number];
  const [height, width] = attrs.size;
  const rows = resizingMatrix(h, height, weights, attrs);
  const columns = resizingMatrix(w, width, weights, attrs);
  const lessHigh = tf.matMul(rows, tf.reshape(dy, [n, height, width * c]), true); // [n, h, W·c]
  const lessWide = tf.matMul(columns, tf.reshape(lessHigh, [n * h, width, c]), true); // [n·h, w, c]
  return tf.reshape(lessWide, images.shape);
}

/** The factors by which images were enlarged, where both are whole. */
function wholeFactors(images: tf.Tensor, [height, width]: Size): Size | null {
  const [rows, columns] = [height / images.shape[1]!, width / images.shape[2]!];
  return Number.isInteger(rows) && Number.isInteger(columns) ? [rows, columns] : null;
}

/** Gradients of resizing. */
export const resizing: readonly tf.GradConfig[] = [
  gradient('ResizeNearestNeighbor', ['images'], (dy, [images], attrs: Resizing) => ({
    images: () => {
      const factors = wholeFactors(images, attrs.size);
      if (factors === null || attrs.alignCorners) return transposed(dy, images, nearest, attrs);
      return tf.mul(tf.avgPool(dy as tf.Tensor4D, factors, factors, 'valid'), factors[0] * factors[1]);
    },
  })),
  gradient('ResizeBilinear', ['images'], (dy, [images], attrs: Resizing) => ({
    images: () => transposed(dy, images, bilinear, attrs),
  })),
];
