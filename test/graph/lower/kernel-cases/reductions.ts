// Cases of reductions: every rank, some axes and all, kept or not, every type.
import * as tf from '@tensorflow/tfjs-core';
import type { ValueType } from '../../../../trainer/graph/trace/graph.ts';
import { ranks, type CaseMaker } from './kernel-case.ts';

type T = tf.Tensor;

function reduction(
  compute: (x: T, axes: number[] | undefined, keepDims: boolean) => T,
  types: readonly ValueType[],
): CaseMaker {
  return (draw) =>
    types.flatMap((dtype) =>
      ranks.flatMap((rank) =>
        [true, false].flatMap((keepDims) =>
          [draw.axes(rank), undefined].map((axes) => ({
            name: `${dtype}, rank ${rank}, axes ${axes?.join() ?? 'all'}${keepDims ? ', kept' : ''}`,
            inputs: { x: draw.any(draw.shape(rank), dtype) },
            compute: (x: T) => compute(x, axes, keepDims),
          })),
        ),
      ),
    );
}

function argument(compute: (x: T, axis: number) => T): CaseMaker {
  return (draw) =>
    (['float32', 'int32', 'bool'] as const).flatMap((dtype) =>
      ranks.slice(1).map((rank) => {
        const axis = draw.integer(-rank, rank - 1);
        const inputs = { x: draw.any(draw.shape(rank), dtype) };
        return { name: `${dtype}, rank ${rank}, axis ${axis}`, inputs, compute: (x: T) => compute(x, axis) };
      }),
    );
}

const allTypes: readonly ValueType[] = ['float32', 'int32', 'bool'];
const numeric: readonly ValueType[] = ['float32', 'int32'];

/** Cases of reductions, by name. */
export const reductionCases: Readonly<Record<string, CaseMaker>> = {
  Sum: reduction(tf.sum, allTypes),
  Prod: reduction(tf.prod, allTypes),
  Mean: reduction(tf.mean, allTypes),
  Max: reduction(tf.max, numeric),
  Min: reduction(tf.min, numeric),
  All: reduction(tf.all, ['bool']),
  Any: reduction(tf.any, ['bool']),
  ArgMax: argument(tf.argMax),
  ArgMin: argument(tf.argMin),
  Cumsum: (draw) =>
    allTypes.flatMap((dtype) =>
      ranks.slice(1).map((rank) => {
        const axis = draw.integer(0, rank - 1); // tfjs's CPU backend gets negative ones wrong
        const [exclusive, reverse] = [draw.chance(), draw.chance()];
        return {
          name: `${dtype}, rank ${rank}, axis ${axis}${exclusive ? ', exclusive' : ''}${reverse ? ', reverse' : ''}`,
          inputs: { x: draw.any(draw.shape(rank), dtype) },
          compute: (x: T) => tf.cumsum(x, axis, exclusive, reverse),
        };
      }),
    ),
};
