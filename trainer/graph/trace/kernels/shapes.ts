// Kernels that move, repeat, cut or join values without computing with them.
import { backend_util, slice_util, util, type Tensor } from '@tensorflow/tfjs-core';
import { sizeOf, type AttributeRecord, type TensorSpec } from '../graph.ts';
import {
  accepting,
  anyType,
  axesOf,
  inputList,
  need,
  number,
  numbers,
  valueType,
  type InferOutputs,
  type KernelTable,
} from './kernel.ts';

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
  backend_util.assertParamsConsistent(shapes, axis);
  return [{ shape: backend_util.computeOutShape(shapes, axis), dtype: first.dtype }];
};

/** The start and size of a Slice along every axis. */
export function sliceBounds(x: TensorSpec, attrs: AttributeRecord): [number[], number[]] {
  const like = { shape: [...x.shape], rank: x.shape.length } as Tensor;
  const size = attrs['size'] as number | number[] | undefined;
  const bounds = slice_util.parseSliceParams(like, attrs['begin'] as number | number[], size);
  const [start, sizes] = bounds as [number[], number[]];
  slice_util.assertParamsValid(like, start, sizes);
  return [start, sizes];
}

/**
 * A StridedSlice with its masks resolved by tfjs. Throws RangeError if an index drops its axis and another axis has steps:
 * tfjs's CPU backend would mix up the axes.
 */
export function stridedSliceInfo(x: TensorSpec, attrs: AttributeRecord) {
  const info = slice_util.sliceInfo(
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
  const { isIdentity, sliceDim0, isSimpleSlice } = info;
  const isPlain = isIdentity || sliceDim0 || isSimpleSlice;
  if (!isPlain && info.finalShapeSparse.length !== x.shape.length) {
    throw new RangeError(`got steps ${info.strides.join()} with a dropped axis, expected one or the other`);
  }
  return info;
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
    const [axis] = util.parseAxisParam(number(attrs, 'dim'), [...x.shape, 1]);
    const shape = [...x.shape];
    shape.splice(axis!, 0, 1);
    return [{ shape, dtype: x.dtype }];
  },
  Transpose: (inputs, attrs) => {
    const x = need(inputs, 'x');
    return [{ shape: numbers(attrs, 'perm').map((axis) => x.shape[axis]!), dtype: x.dtype }];
  },
  Concat: accepting(anyType, concat),
  Pack: accepting(anyType, (inputs, attrs) => {
    const list = inputList(inputs);
    const { shape, dtype } = list[0]!;
    const other = list.find((spec) => spec.shape.join() !== shape.join());
    if (other !== undefined) throw new RangeError(`got [${shape}] and [${other.shape}], expected one shape`);
    const [axis] = util.parseAxisParam(number(attrs, 'axis'), [...shape, 1]);
    const packed = [...shape];
    packed.splice(axis!, 0, list.length);
    return [{ shape: packed, dtype }];
  }),
  Unpack: (inputs, attrs) => {
    const x = need(inputs, 'value');
    const [axis] = util.parseAxisParam(number(attrs, 'axis'), [...x.shape]);
    const shape = x.shape.filter((_, i) => i !== axis);
    return Array.from({ length: x.shape[axis!]! }, () => ({ shape, dtype: x.dtype }));
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
    const axis = util.parseAxisParam(number(attrs, 'axis'), [...x.shape])[0]!;
    const splits = attrs['numOrSizeSplits'];
    const sizes = backend_util.prepareSplitSize(
      { shape: [...x.shape] } as Tensor,
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
  Reverse: (inputs, attrs) => {
    const { shape, dtype } = need(inputs, 'x');
    axesOf(attrs['dims'], shape);
    return [{ shape, dtype }];
  },
  GatherV2: (inputs, attrs) => {
    const x = need(inputs, 'x');
    const indices = need(inputs, 'indices');
    const batchDims = attrs['batchDims'] ?? 0;
    if (batchDims !== 0) throw new RangeError(`got batchDims ${JSON.stringify(batchDims)}, expected 0`);
    if (indices.dtype !== 'int32') throw new RangeError(`got indices of ${indices.dtype}, expected int32`);
    const axis = util.parseAxisParam(number(attrs, 'axis'), [...x.shape])[0]!;
    return [
      { shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)], dtype: x.dtype },
    ];
  },
  OneHot: accepting(['int32'], (inputs, attrs) => [
    {
      shape: [...need(inputs, 'indices').shape, number(attrs, 'depth')],
      dtype: valueType(attrs['dtype'] ?? 'int32'),
    },
  ]),
  DepthToSpace: (inputs, attrs) => {
    const x = need(inputs, 'x');
    const [n, h, w, c] = x.shape as [number, number, number, number];
    const block = number(attrs, 'blockSize');
    if (attrs['dataFormat'] !== 'NHWC') {
      throw new RangeError(`got dataFormat ${JSON.stringify(attrs['dataFormat'])}, expected NHWC`);
    }
    return [{ shape: [n, h * block, w * block, c / (block * block)], dtype: x.dtype }];
  },
};
