// Gradients of kernels that move, repeat, cut or join values: each gradient reverses the move and sums repeated values.
import * as tf from '@tensorflow/tfjs-core';
import { gradient, listGradient, noGradient, outputsGradient, zeros } from './gradient.ts';

/** Pads one axis with zeros. */
export function padAxis(x: tf.Tensor, axis: number, before: number, after: number): tf.Tensor {
  if (before === 0 && after === 0) return x;
  return tf.pad(
    x,
    x.shape.map((_, i): [number, number] => (i === axis ? [before, after] : [0, 0])),
  );
}

/** Cuts one axis. */
export function sliceAxis(x: tf.Tensor, axis: number, begin: number, size: number): tf.Tensor {
  if (begin === 0 && size === x.shape[axis]) return x;
  const from = x.shape.map((_, i) => (i === axis ? begin : 0));
  return tf.slice(
    x,
    from,
    x.shape.map((dim, i) => (i === axis ? size : dim)),
  );
}

/** Puts `stride - 1` zeros between the elements along an axis: n of them become (n - 1)·stride + 1. */
export function spreadAxis(x: tf.Tensor, axis: number, stride: number): tf.Tensor {
  const n = x.shape[axis]!;
  if (stride === 1 || n < 2) return x;
  const before = x.shape.slice(0, axis);
  const after = x.shape.slice(axis + 1);
  const spread = padAxis(tf.reshape(x, [...before, n, 1, ...after]), axis + 1, 0, stride - 1);
  return sliceAxis(tf.reshape(spread, [...before, n * stride, ...after]), axis, 0, (n - 1) * stride + 1);
}

/** The transpose of a mirrored padding along one axis: folds the margins back. */
function foldMirror(dy: tf.Tensor, axis: number, [before, after]: [number, number], skip: number): tf.Tensor {
  const n = dy.shape[axis]! - before - after;
  const back = (begin: number, size: number, to: number): tf.Tensor =>
    padAxis(tf.reverse(sliceAxis(dy, axis, begin, size), axis), axis, to, n - to - size);
  let folded = sliceAxis(dy, axis, before, n);
  if (before > 0) folded = tf.add(folded, back(0, before, skip));
  if (after > 0) folded = tf.add(folded, back(before + n, after, n - after - skip));
  return folded;
}

/** The transpose of Tile: sums the copies. */
function sumCopies(dy: tf.Tensor, x: tf.Tensor, reps: readonly number[]): tf.Tensor {
  const split: number[] = []; // each repeated axis as [copies, length]
  const copies: number[] = [];
  x.shape.forEach((dim, axis) => {
    if (reps[axis]! > 1) {
      copies.push(split.length);
      split.push(reps[axis]!);
    }
    split.push(dim);
  });
  if (copies.length === 0) return tf.clone(dy);
  const onlyOnes = x.shape.every((dim, axis) => dim === 1 || reps[axis] === 1);
  if (onlyOnes) {
    return tf.sum(
      dy,
      x.shape.flatMap((_, axis) => (reps[axis]! > 1 ? [axis] : [])),
      true,
    );
  }
  return tf.sum(tf.reshape(dy, split), copies);
}

/** The transpose of StridedSlice: puts each value back to its place, with zeros elsewhere. */
function unslice(dy: tf.Tensor, x: tf.Tensor, attrs: tf.StridedSliceAttrs): tf.Tensor {
  const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attrs;
  const masks = [beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask] as const;
  const info = tf.slice_util.sliceInfo(x.shape, begin, end, strides, ...masks);
  if (dy.size === 0) return zeros(x);
  let dx = tf.reshape(dy, tf.slice_util.computeOutShape(info.begin, info.end, info.strides));
  x.shape.forEach((dim, axis) => {
    const n = dx.shape[axis]!;
    const stride = info.strides[axis]!;
    const last = info.begin[axis]! + (n - 1) * stride;
    if (stride < 0) dx = tf.reverse(dx, axis);
    dx = spreadAxis(dx, axis, Math.abs(stride));
    const first = Math.min(info.begin[axis]!, last);
    dx = padAxis(dx, axis, first, dim - first - dx.shape[axis]!);
  });
  return dx;
}

/**
 * The transpose of GatherV2: adds rows back to their places by a product with one-hot rows.
 * The kernels have no differentiable scatter, and a product is deterministic.
 */
function ungather(dy: tf.Tensor, x: tf.Tensor, indices: tf.Tensor, attrs: tf.GatherV2Attrs): tf.Tensor {
  const axis = tf.util.parseAxisParam(attrs.axis, x.shape)[0]!;
  const size = tf.util.sizeFromShape;
  const batch = size(x.shape.slice(0, attrs.batchDims));
  const outer = size(x.shape.slice(attrs.batchDims, axis));
  const n = x.shape[axis]!;
  const inner = size(x.shape.slice(axis + 1));
  const taken = indices.size / batch;
  const rows = tf.reshape(tf.transpose(tf.reshape(dy, [batch, outer, taken, inner]), [0, 2, 1, 3]), [
    batch,
    taken,
    outer * inner,
  ]);
  const flat = tf.cast(tf.reshape(indices, [batch, taken]), 'int32');
  const places = n === 1 ? tf.onesLike(tf.expandDims(flat, 2)) : tf.oneHot(flat, n); // [batch, taken, n]
  const sums = tf.matMul(tf.cast(places, 'float32'), rows, true); // [batch, n, outer·inner]
  return tf.reshape(tf.transpose(tf.reshape(sums, [batch, n, outer, inner]), [0, 2, 1, 3]), x.shape);
}

const moves: readonly tf.GradConfig[] = [
  gradient('Reshape', ['x'], (dy, [x]) => ({ x: () => tf.reshape(dy, x.shape) })),
  gradient('ExpandDims', ['input'], (dy, [input]) => ({ input: () => tf.reshape(dy, input.shape) })),
  gradient('Transpose', [], (dy, _, { perm }: tf.TransposeAttrs) => ({
    x: () => tf.transpose(dy, tf.backend_util.getUndoAxesPermutation(perm)),
  })),
  gradient('Reverse', [], (dy, _, { dims }: tf.ReverseAttrs) => ({ x: () => tf.reverse(dy, dims) })),
  // [n, h·b, w·b, c] to [n, h, w, b·b·c].
  gradient('DepthToSpace', ['x'], (dy, [x], { blockSize: b }: tf.DepthToSpaceAttrs) => ({
    x: () => {
      const [n, h, w, c] = x.shape as [number, number, number, number];
      const blocks = tf.reshape(dy, [n, h, b, w, b, c / (b * b)]);
      return tf.reshape(tf.transpose(blocks, [0, 1, 3, 2, 4, 5]), x.shape);
    },
  })),
];

const repeats: readonly tf.GradConfig[] = [
  gradient('Tile', ['x'], (dy, [x], { reps }: tf.TileAttrs) => ({ x: () => sumCopies(dy, x, reps) })),
  gradient('MirrorPad', [], (dy, _, { paddings, mode }: tf.MirrorPadAttrs) => ({
    x: () =>
      paddings.reduce(
        (dx, pads, axis) => foldMirror(dx, axis, pads, Number(mode === 'reflect')),
        tf.clone(dy),
      ),
  })),
  gradient('GatherV2', ['x', 'indices'], (dy, [x, indices], attrs: tf.GatherV2Attrs) => ({
    x: () => ungather(dy, x, indices, attrs),
    indices: () => zeros(indices),
  })),
  noGradient('OneHot', 'indices'),
];

const cutsAndJoins: readonly tf.GradConfig[] = [
  gradient('Slice', ['x'], (dy, [x], { begin, size }: tf.SliceAttrs) => ({
    x: () => {
      const [from, sizes] = tf.slice_util.parseSliceParams(x, begin, size) as [number[], number[]];
      return tf.pad(
        dy,
        x.shape.map((dim, i) => [from[i]!, dim - from[i]! - sizes[i]!]),
      );
    },
  })),
  gradient('StridedSlice', ['x'], (dy, [x], attrs: tf.StridedSliceAttrs) => ({
    x: () => unslice(dy, x, attrs),
  })),
  gradient('PadV2', ['x'], (dy, [x], { paddings }: tf.PadV2Attrs) => ({
    x: () =>
      tf.slice(
        dy,
        paddings.map(([before]) => before),
        x.shape,
      ),
  })),
  listGradient('Concat', (dy, inputs, attrs: tf.ConcatAttrs) => {
    const axis = tf.util.parseAxisParam(attrs.axis, inputs[0]!.shape)[0]!;
    let begin = 0;
    return inputs.map((input) => {
      const from = begin;
      begin += input.shape[axis]!;
      return () => tf.clone(sliceAxis(dy, axis, from, input.shape[axis]!));
    });
  }),
  listGradient('Pack', (dy, inputs, attrs: tf.PackAttrs) => {
    const axis = tf.util.parseAxisParam(attrs.axis, dy.shape)[0]!;
    return inputs.map((input, i) => () => tf.reshape(sliceAxis(dy, axis, i, 1), input.shape));
  }),
  outputsGradient('Unpack', 'value', (dys, { axis }: tf.UnpackAttrs) => tf.stack(dys, axis)),
  outputsGradient('SplitV', 'x', (dys, { axis }: tf.SplitVAttrs) => tf.concat(dys, axis)),
];

/** Gradients of shape kernels. */
export const shapes: readonly tf.GradConfig[] = [...moves, ...repeats, ...cutsAndJoins];
