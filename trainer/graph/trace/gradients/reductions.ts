// Gradients of reductions, cumulative sums and softmax.
import * as tf from '@tensorflow/tfjs-core';
import { detached } from '../stop-gradient.ts';
import { gradient, noGradient } from './gradient.ts';

type Axes = number | number[] | null | undefined;

/** The axes as numbers from 0; null means all. */
function parsed(x: tf.Tensor, axes: Axes): number[] {
  return axes == null ? x.shape.map((_, axis) => axis) : tf.util.parseAxisParam(axes, x.shape);
}

/** A reduction's gradient, with the reduced axes at length 1. */
function kept(dy: tf.Tensor, x: tf.Tensor, axes: Axes): tf.Tensor {
  const reduced = parsed(x, axes);
  const shape = x.shape.map((dim, axis) => (reduced.includes(axis) ? 1 : dim));
  return tf.util.arraysEqual(dy.shape, shape) ? dy : tf.reshape(dy, shape);
}

/** Maximum or minimum along axes: the gradient goes to the elements that attain it, in equal parts. */
function extreme(
  dy: tf.Tensor,
  x: tf.Tensor,
  axes: Axes,
  reduce: (x: tf.Tensor, axes: number[], keepDims: boolean) => tf.Tensor,
): tf.Tensor {
  const list = parsed(x, axes);
  const shares = detached(() => {
    const found = tf.cast(tf.equal(x, reduce(x, list, true)), 'float32');
    return tf.div(found, tf.sum(found, list, true));
  });
  return tf.mul(kept(dy, x, axes), shares);
}

/** For each element the product of all others, computed by products so that it can be differentiated again. */
function productOfOthers(x: tf.Tensor, axes: number[]): tf.Tensor {
  const rest = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...rest, ...axes];
  const n = tf.util.sizeFromShape(axes.map((axis) => x.shape[axis]!));
  const rows = tf.reshape(tf.transpose(x, order), [-1, 1, n]); // [rest, 1, n]
  const others = tf.where(tf.cast(tf.eye(n), 'bool'), 1, rows); // [rest, n, n]
  const products = tf.reshape(
    tf.prod(others, 2),
    order.map((axis) => x.shape[axis]!),
  );
  return tf.transpose(products, tf.backend_util.getUndoAxesPermutation(order));
}

/** Gradients of reductions, cumulative sums and softmax. */
export const reductions: readonly tf.GradConfig[] = [
  gradient('Sum', ['x'], (dy, [x], { axis }: tf.SumAttrs) => ({
    x: () => tf.broadcastTo(kept(dy, x, axis), x.shape),
  })),
  gradient('Mean', ['x'], (dy, [x], { axis }: tf.MeanAttrs) => ({
    x: () => {
      const count = tf.util.sizeFromShape(parsed(x, axis).map((i) => x.shape[i]!));
      return tf.broadcastTo(tf.mul(kept(dy, x, axis), 1 / count), x.shape);
    },
  })),
  gradient('Max', ['x'], (dy, [x], attrs: tf.MaxAttrs) => ({
    x: () => extreme(dy, x, attrs.reductionIndices, tf.max),
  })),
  gradient('Min', ['x'], (dy, [x], { axis }: tf.MinAttrs) => ({
    x: () => extreme(dy, x, axis, tf.min),
  })),
  gradient('Prod', ['x'], (dy, [x], { axis }: tf.ProdAttrs) => ({
    x: () => tf.mul(kept(dy, x, axis), productOfOthers(x, parsed(x, axis))),
  })),
  gradient('Cumsum', [], (dy, _, { axis, exclusive, reverse }: tf.CumsumAttrs) => ({
    x: () => tf.cumsum(dy, axis, exclusive, !reverse),
  })),
  gradient('Softmax', ['logits'], (dy, [logits], { dim }: tf.SoftmaxAttrs) => ({
    logits: () => {
      const y = tf.softmax(logits, dim);
      return tf.mul(y, tf.sub(dy, tf.sum(tf.mul(dy, y), dim, true)));
    },
  })),
  ...['ArgMax', 'ArgMin', 'All', 'Any'].map((kernelName) => noGradient(kernelName, 'x')),
];
