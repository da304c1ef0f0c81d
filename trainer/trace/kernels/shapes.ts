// Kernels that move, repeat, cut or join values without computing with them.
import { backend_util, slice_util, util } from '@tensorflow/tfjs-core';
import type { TensorSpec, ValueType } from '../graph.ts';
import { inputList, need, number, numbers, sizeOf, type InferOutputs, type KernelTable } from './kernel.ts';

const pad: InferOutputs = (inputs, attrs) => {
  const x = need(inputs, 'x');
  const paddings = attrs['paddings'] as readonly (readonly number[])[];
  return [{ shape: x.shape.map((dim, i) => dim + paddings[i]![0]! + paddings[i]![1]!), dtype: x.dtype }];
};

const concat: InferOutputs = (inputs, attrs) => {
  const list = inputList(inputs);
  const first = list[0]!;
  const axis = util.parseAxisParam(number(attrs, 'axis'), [...first.shape])[0]!;
  const shapes = list.map((spec) => [...spec.shape]);
  return [{ shape: backend_util.computeOutShape(shapes, axis), dtype: first.dtype }];
};

/** The start and size of a Slice, with tfjs's -1 for "to the end" resolved. */
export function sliceBounds(x: TensorSpec, attrs: Parameters<InferOutputs>[1]): [number[], number[]] {
  const rank = x.shape.length;
  const begin = numbers(attrs, 'begin');
  const given = numbers(attrs, 'size');
  const start = Array.from({ length: rank }, (_, i) => begin[i] ?? 0);
  const size = start.map((from, i) => {
    const length = given[i] ?? -1;
    return length < 0 ? x.shape[i]! - from : length;
  });
  slice_util.assertParamsValid({ rank, shape: [...x.shape] } as never, start, size);
  return [start, size];
}

/** What tfjs makes of a StridedSlice's masks. */
export function stridedSliceInfo(x: TensorSpec, attrs: Parameters<InferOutputs>[1]) {
  return slice_util.sliceInfo(
    [...x.shape],
    numbers(attrs, 'begin'),
    numbers(attrs, 'end'),
    numbers(attrs, 'strides'),
    number(attrs, 'beginMask'),
    number(attrs, 'endMask'),
    number(attrs, 'ellipsisMask'),
    number(attrs, 'newAxisMask'),
    number(attrs, 'shrinkAxisMask'),
  );
}

/** Shape kernels. */
export const shapes: KernelTable = {
  Reshape: (inputs, attrs) => {
    const x = need(inputs, 'x');
    const shape = util.inferFromImplicitShape(numbers(attrs, 'shape'), sizeOf(x.shape));
    if (sizeOf(shape) !== sizeOf(x.shape)) {
      throw new RangeError(`Reshape: got [${x.shape}] for [${shape}], expected equal sizes`);
    }
    return [{ shape, dtype: x.dtype }];
  },
  ExpandDims: (inputs, attrs) => {
    const x = need(inputs, 'input');
    const dim = number(attrs, 'dim');
    const shape = [...x.shape];
    shape.splice(dim < 0 ? x.shape.length + dim + 1 : dim, 0, 1);
    return [{ shape, dtype: x.dtype }];
  },
  Transpose: (inputs, attrs) => {
    const x = need(inputs, 'x');
    return [{ shape: numbers(attrs, 'perm').map((axis) => x.shape[axis]!), dtype: x.dtype }];
  },
  Concat: concat,
  Pack: (inputs, attrs) => {
    const list = inputList(inputs);
    const { shape, dtype } = list[0]!;
    const axis = number(attrs, 'axis');
    const packed = [...shape];
    packed.splice(axis < 0 ? shape.length + axis + 1 : axis, 0, list.length);
    return [{ shape: packed, dtype }];
  },
  Unpack: (inputs, attrs) => {
    const x = need(inputs, 'value');
    const axis = (number(attrs, 'axis') + x.shape.length) % x.shape.length;
    const shape = x.shape.filter((_, i) => i !== axis);
    return Array.from({ length: x.shape[axis]! }, () => ({ shape, dtype: x.dtype }));
  },
  Slice: (inputs, attrs) => {
    const x = need(inputs, 'x');
    return [{ shape: sliceBounds(x, attrs)[1], dtype: x.dtype }];
  },
  StridedSlice: (inputs, attrs) => {
    const x = need(inputs, 'x');
    return [{ shape: stridedSliceInfo(x, attrs).finalShape, dtype: x.dtype }];
  },
  SplitV: (inputs, attrs) => {
    const x = need(inputs, 'x');
    const axis = (number(attrs, 'axis') + x.shape.length) % x.shape.length;
    const splits = attrs['numOrSizeSplits'];
    const sizes = backend_util.prepareSplitSize(
      { shape: [...x.shape] } as never,
      typeof splits === 'number' ? splits : numbers(attrs, 'numOrSizeSplits'),
      axis,
    );
    return sizes.map((size) => ({
      shape: x.shape.map((dim, i) => (i === axis ? size : dim)),
      dtype: x.dtype,
    }));
  },
  PadV2: pad,
  MirrorPad: pad,
  Tile: (inputs, attrs) => {
    const x = need(inputs, 'x');
    const reps = numbers(attrs, 'reps');
    return [{ shape: x.shape.map((dim, i) => dim * reps[i]!), dtype: x.dtype }];
  },
  Reverse: (inputs) => {
    const { shape, dtype } = need(inputs, 'x');
    return [{ shape, dtype }];
  },
  GatherV2: (inputs, attrs) => {
    const x = need(inputs, 'x');
    const indices = need(inputs, 'indices');
    const axis = util.parseAxisParam(number(attrs, 'axis'), [...x.shape])[0]!;
    const batchDims = typeof attrs['batchDims'] === 'number' ? attrs['batchDims'] : 0;
    const shape = [...x.shape.slice(0, axis), ...indices.shape.slice(batchDims), ...x.shape.slice(axis + 1)];
    return [{ shape, dtype: x.dtype }];
  },
  OneHot: (inputs, attrs) => [
    {
      shape: [...need(inputs, 'indices').shape, number(attrs, 'depth')],
      dtype: (attrs['dtype'] as ValueType | undefined) ?? 'float32',
    },
  ],
  BroadcastTo: (inputs, attrs) => [{ shape: numbers(attrs, 'shape'), dtype: need(inputs, 'x').dtype }],
  DepthToSpace: (inputs, attrs) => {
    const x = need(inputs, 'x');
    const [n, h, w, c] = x.shape as [number, number, number, number];
    const block = number(attrs, 'blockSize');
    return [{ shape: [n, h * block, w * block, c / (block * block)], dtype: x.dtype }];
  },
};
