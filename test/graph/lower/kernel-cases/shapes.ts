// Cases of kernels that move values.
import * as tf from '@tensorflow/tfjs-core';
import { sizeOf, type HostTensor, type ValueType } from '../../../../trainer/graph/trace/graph.ts';
import { ranks, runKernel, type CaseMaker, type Draw } from './kernel-case.ts';

type T = tf.Tensor;
const allTypes: readonly ValueType[] = ['float32', 'int32', 'bool'];

/** For each type and each rank from `lowest`, what `make` says of a tensor of that rank. */
function each(
  lowest: number,
  make: (draw: Draw, shape: number[]) => { name: string; compute: (x: T) => T | T[] },
  types: readonly ValueType[] = allTypes,
): CaseMaker {
  return (draw) =>
    types.flatMap((dtype) =>
      ranks.slice(lowest).map((rank) => {
        const shape = draw.shape(rank);
        const { name, compute } = make(draw, shape);
        return { name: `${dtype} [${shape}] ${name}`, inputs: { x: draw.any(shape, dtype) }, compute };
      }),
    );
}

/** Another shape of the same size: axes merged, split, and ones put in. */
function reshaped(draw: Draw, shape: readonly number[]): number[] {
  const result: number[] = [];
  for (const dim of shape) {
    if (draw.chance()) result.push(1);
    if (draw.chance() && result.length > 0) result.push(result.pop()! * dim);
    else if (dim === 4 && draw.chance()) result.push(2, 2);
    else result.push(dim);
  }
  return result;
}

function several(draw: Draw, shape: readonly number[], axis: number, dtype: ValueType): HostTensor[] {
  return Array.from({ length: draw.integer(2, 4) }, () =>
    draw.any(
      shape.map((dim, i) => (i === axis ? draw.integer(1, 4) : dim)),
      dtype,
    ),
  );
}

const listed = (list: readonly HostTensor[]): Record<string, HostTensor> =>
  Object.fromEntries(list.map((tensor, i) => [`x${i}`, tensor]));

const pads = (draw: Draw, shape: readonly number[], most: (dim: number) => number): [number, number][] =>
  shape.map((dim) => [draw.integer(0, most(dim)), draw.integer(0, most(dim))]);

/** Cases of shape kernels, by name. */
export const shapeCases: Readonly<Record<string, CaseMaker>> = {
  Reshape: (draw) => [
    ...each(0, (d, shape) => {
      const to = reshaped(d, shape);
      return { name: `to [${to}]`, compute: (x) => tf.reshape(x, to) };
    })(draw),
    ...each(0, (_, shape) => ({ name: 'flat', compute: (x) => tf.reshape(x, [sizeOf(shape)]) }))(draw),
    { name: 'of no elements', inputs: { x: draw.floats([0, 3]) }, compute: (x: T) => tf.reshape(x, [3, 0]) },
  ],
  ExpandDims: each(0, (draw, shape) => {
    const axis = draw.integer(-shape.length - 1, shape.length);
    return { name: `at ${axis}`, compute: (x) => tf.expandDims(x, axis) };
  }),
  Transpose: each(1, (draw, shape) => {
    const perm = draw.permutation(shape.length);
    return { name: `by ${perm}`, compute: (x) => tf.transpose(x, perm) };
  }),
  Concat: (draw) =>
    allTypes.flatMap((dtype) =>
      ranks.slice(1).map((rank) => {
        const axis = draw.integer(-rank, rank - 1);
        const list = several(draw, draw.shape(rank), (axis + rank) % rank, dtype);
        const compute = (...xs: T[]): T => tf.concat(xs, axis);
        return { name: `${dtype}, rank ${rank}, axis ${axis}`, inputs: listed(list), compute };
      }),
    ),
  Pack: (draw) =>
    allTypes.flatMap((dtype) =>
      ranks.slice(0, 5).map((rank) => {
        const axis = draw.integer(-rank - 1, rank);
        const list = several(draw, draw.shape(rank), -1, dtype);
        const compute = (...xs: T[]): T => tf.stack(xs, axis);
        return { name: `${dtype}, rank ${rank}, axis ${axis}`, inputs: listed(list), compute };
      }),
    ),
  Unpack: each(1, (draw, shape) => {
    const axis = draw.integer(-shape.length, shape.length - 1);
    return { name: `axis ${axis}`, compute: (x) => tf.unstack(x, axis) };
  }),
  Slice: each(1, (draw, shape) => {
    const begin = shape.map((dim) => draw.integer(0, dim - 1));
    const size = shape.map((dim, i) => (draw.chance() ? -1 : draw.integer(1, dim - begin[i]!)));
    return { name: `from ${begin}, size ${size}`, compute: (x) => tf.slice(x, begin, size) };
  }),
  StridedSlice: (draw) => [
    ...each(1, (d, shape) => {
      const strides = shape.map(() => d.pick([-2, -1, 1, 2, 3]));
      const begin = shape.map((dim, i) =>
        strides[i]! > 0 ? d.integer(0, dim - 1) : d.integer(-dim, dim - 1),
      );
      const end = shape.map((dim) => d.integer(-dim, dim));
      const masks = [d.integer(0, 2 ** shape.length - 1), d.integer(0, 2 ** shape.length - 1)] as const;
      return {
        name: `${begin} to ${end} by ${strides}, masks ${masks}`,
        compute: (x) => tf.stridedSlice(x, begin, end, strides, ...masks),
      };
    })(draw),
    {
      name: 'with a new and a shrunk axis',
      inputs: { x: draw.floats([3, 4, 2]) },
      compute: (x: T) => tf.stridedSlice(x, [0, 1, 1, 0], [0, 2, 4, 2], [1, 1, 1, 1], 0, 0, 0, 1, 2),
    },
    {
      name: 'with an ellipsis',
      inputs: { x: draw.floats([3, 4, 2, 5]) },
      compute: (x: T) => tf.stridedSlice(x, [1, 0, 3], [3, 0, 0], [1, 1, -1], 0, 0, 2),
    },
  ],
  SplitV: each(1, (draw, shape) => {
    const axis = draw.integer(0, shape.length - 1);
    const first = draw.integer(0, shape[axis]!);
    const sizes = [first, shape[axis]! - first].filter((size) => size > 0);
    return { name: `into ${sizes} at ${axis}`, compute: (x) => tf.split(x, sizes, axis) };
  }),
  PadV2: each(1, (draw, shape) => {
    const paddings = pads(draw, shape, () => 2);
    const value = draw.integer(0, 1);
    return { name: `by ${paddings.join(' ')} with ${value}`, compute: (x) => tf.pad(x, paddings, value) };
  }),
  MirrorPad: (draw) =>
    (['reflect', 'symmetric'] as const).flatMap((mode) =>
      each(
        1,
        (d, shape) => {
          const paddings = pads(d, shape, (dim) => (mode === 'reflect' ? dim - 1 : dim));
          const compute = (x: T): T => tf.mirrorPad(x, paddings, mode);
          return { name: `${mode} by ${paddings.join(' ')}`, compute };
        },
        ['float32', 'int32'],
      )(draw),
    ),
  Tile: each(1, (draw, shape) => {
    const reps = shape.map(() => draw.integer(1, 3));
    return { name: `by ${reps}`, compute: (x) => tf.tile(x, reps) };
  }),
  Reverse: each(1, (draw, shape) => {
    const axes = draw.axes(shape.length);
    return { name: `at ${axes}`, compute: (x) => tf.reverse(x, axes) };
  }),
  GatherV2: (draw) =>
    allTypes.flatMap((dtype) =>
      ranks.slice(1).flatMap((rank) =>
        [0, 1, 2].map((indexRank) => {
          const shape = draw.shape(rank);
          const axis = draw.integer(-rank, rank - 1);
          return {
            name: `${dtype} [${shape}] at ${axis} by rank ${indexRank}`,
            inputs: {
              x: draw.any(shape, dtype),
              indices: draw.ints(draw.shape(indexRank), 0, shape.at(axis)! - 1),
            },
            compute: (x: T, indices: T) => tf.gather(x, indices, axis),
          };
        }),
      ),
    ),
  OneHot: (draw) =>
    allTypes.flatMap((dtype) =>
      [0, 1, 2, 3].map((rank) => ({
        name: `${dtype}, rank ${rank}`,
        inputs: { indices: draw.ints(draw.shape(rank), -1, 5) },
        compute: (indices: T) =>
          dtype === 'bool' ? tf.oneHot(indices, 4, 1, 0, dtype) : tf.oneHot(indices, 4, 3, -1, dtype),
      })),
    ),
  DepthToSpace: (draw) =>
    [2, 3].flatMap((block) =>
      Array.from({ length: 3 }, () => {
        const [n, h, w, c] = draw.shape(4);
        return {
          name: `block ${block}, [${[n, h, w, c]}]`,
          inputs: { x: draw.floats([n!, h!, w!, c! * block * block]) },
          compute: (x: T) => runKernel('DepthToSpace', { x }, { blockSize: block, dataFormat: 'NHWC' }),
        };
      }),
    ),
};
