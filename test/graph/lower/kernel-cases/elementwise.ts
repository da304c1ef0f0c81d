// Cases of element-wise kernels: every rank, every accepted type, and broadcasting.
import * as tf from '@tensorflow/tfjs-core';
import type { ValueType } from '../../../../trainer/graph/trace/graph.ts';
import { broadcastShapes, ranks, type CaseMaker, type Draw } from './kernel-case.ts';

type T = tf.Tensor;

/** A kernel of one float tensor with values from `low` to `high`. */
function unary(compute: (x: T) => T, low = -3, high = 3): CaseMaker {
  return (draw) =>
    ranks.map((rank) => ({
      name: `rank ${rank}`,
      inputs: { x: draw.floats(draw.shape(rank), low, high) },
      compute,
    }));
}

/** The same with whole numbers as well. */
function unaryNumeric(compute: (x: T) => T, low = -3, high = 3): CaseMaker {
  return (draw) => [
    ...unary(compute, low, high)(draw),
    ...[1, 4].map((rank) => ({
      name: `int32, rank ${rank}`,
      inputs: { x: draw.ints(draw.shape(rank), -9, 9) },
      compute,
    })),
  ];
}

/** A kernel of two tensors that broadcast, of each of the types. */
function binary(
  compute: (a: T, b: T) => T,
  types: readonly ValueType[] = ['float32', 'int32'],
  make: (draw: Draw, shape: readonly number[], dtype: ValueType, isB: boolean) => ReturnType<Draw['any']> = (
    draw,
    shape,
    dtype,
  ) => draw.any(shape, dtype),
): CaseMaker {
  return (draw) =>
    types.flatMap((dtype) =>
      broadcastShapes(draw).map(([a, b]) => ({
        name: `${dtype} [${a}] and [${b}]`,
        inputs: { a: make(draw, a, dtype, false), b: make(draw, b, dtype, true) },
        compute,
      })),
    );
}

/** Divisors that are not near zero. */
const divisor = (draw: Draw, shape: readonly number[], dtype: ValueType, isB: boolean) =>
  !isB ? draw.any(shape, dtype) : dtype === 'int32' ? draw.ints(shape, 1, 5) : draw.floats(shape, 0.5, 3);

/** Divisors of either sign. */
const signedDivisor = (draw: Draw, shape: readonly number[], dtype: ValueType, isB: boolean) => {
  const tensor = divisor(draw, shape, dtype, isB);
  return isB ? { ...tensor, data: tensor.data.map((value) => (draw.chance() ? -value : value)) } : tensor;
};

/** Powers that are real: a positive base of floats, an exponent of whole numbers that is not negative. */
const power = (draw: Draw, shape: readonly number[], dtype: ValueType, isB: boolean) =>
  dtype === 'int32' ? draw.ints(shape, 0, 4) : isB ? draw.floats(shape) : draw.floats(shape, 0.2, 3);

const comparable: readonly ValueType[] = ['float32', 'int32', 'bool'];
/** Few different numbers, so that some are equal. */
const fewValues = (draw: Draw, shape: readonly number[], dtype: ValueType) => {
  if (dtype === 'bool') return draw.bools(shape);
  const ints = draw.ints(shape, -1, 1);
  return dtype === 'int32' ? ints : { ...ints, dtype, data: Float32Array.from(ints.data) };
};

/** Halves, where rounding has to choose. */
const halves: CaseMaker = (draw) => {
  const ints = draw.ints([40], -9, 9);
  const x = {
    shape: [40],
    dtype: 'float32' as const,
    data: Float32Array.from(ints.data, (value) => value / 2),
  };
  return [{ name: 'halves', inputs: { x }, compute: tf.round }];
};

/** Cases of element-wise kernels, by name. */
export const elementwiseCases: Readonly<Record<string, CaseMaker>> = {
  Abs: unaryNumeric(tf.abs),
  Neg: unaryNumeric(tf.neg),
  Exp: unaryNumeric(tf.exp),
  Expm1: unary(tf.expm1),
  Log: unary(tf.log, 0.1, 4),
  Log1p: unary(tf.log1p, -0.9, 4),
  Sqrt: unary(tf.sqrt, 0, 4),
  Rsqrt: unary(tf.rsqrt, 0.1, 4),
  Square: unaryNumeric(tf.square),
  Reciprocal: unary(tf.reciprocal, 0.3, 4),
  Sign: unaryNumeric(tf.sign),
  Floor: unary(tf.floor),
  Ceil: unary(tf.ceil),
  Round: (draw) => [...unary(tf.round)(draw), ...halves(draw)],
  Relu: unaryNumeric(tf.relu),
  Relu6: unaryNumeric(tf.relu6, -3, 9),
  LeakyRelu: unaryNumeric((x) => tf.leakyRelu(x, 0.2)),
  Elu: unary(tf.elu),
  Selu: unary(tf.selu),
  Softplus: unary(tf.softplus, -20, 20),
  Sigmoid: unary(tf.sigmoid as (x: T) => T, -4, 20),
  Tanh: unary(tf.tanh),
  Step: (draw) => [
    ...unaryNumeric((x) => tf.step(x))(draw),
    ...unary((x) => tf.step(x, 0.2))(draw),
    ...unary((x) => tf.step(x, -3))(draw),
  ],
  Sin: unary(tf.sin, -9, 9),
  Cos: unary(tf.cos, -9, 9),
  Tan: unary(tf.tan, -1.2, 1.2),
  Asin: unary(tf.asin, -1, 1),
  Acos: unary(tf.acos, -1, 1),
  Atan: unary(tf.atan, -9, 9),
  Sinh: unary(tf.sinh),
  Cosh: unary(tf.cosh),
  Asinh: unary(tf.asinh, 0.1, 5),
  Acosh: unary(tf.acosh, 1.1, 5),
  Atanh: unary(tf.atanh, -0.9, 0.9),
  Erf: unary(tf.erf),
  ClipByValue: (draw) => [
    ...unaryNumeric((x) => tf.clipByValue(x, -1.5, 2))(draw),
    ...unaryNumeric((x) => tf.clipByValue(x, -Infinity, 1))(draw),
    ...unaryNumeric((x) => tf.clipByValue(x, -1, Infinity))(draw),
  ],
  OnesLike: (draw) => comparable.map((dtype) => like(draw, dtype, tf.onesLike)),
  ZerosLike: (draw) => comparable.map((dtype) => like(draw, dtype, tf.zerosLike)),
  Softmax: (draw) =>
    ranks.slice(1).map((rank) => ({
      name: `rank ${rank}`,
      inputs: { x: draw.floats(draw.shape(rank), -9, 9) },
      compute: (x: T) => tf.softmax(x),
    })),
  IsNan: special(tf.isNaN),
  IsInf: special(tf.isInf),
  IsFinite: special(tf.isFinite),
  LogicalNot: (draw) =>
    ranks.map((rank) => ({
      name: `rank ${rank}`,
      inputs: { x: draw.bools(draw.shape(rank)) },
      compute: tf.logicalNot as (x: T) => T,
    })),
  Cast: (draw) =>
    comparable.flatMap((from) =>
      comparable
        .filter((to) => to !== from)
        .map((to) => ({
          name: `${from} to ${to}`,
          inputs: { x: draw.any(draw.shape(4), from) },
          compute: (x: T) => tf.cast(x, to),
        })),
    ),
  Add: binary(tf.add),
  Sub: binary(tf.sub),
  Multiply: binary(tf.mul),
  RealDiv: binary(tf.div, ['float32'], signedDivisor),
  FloorDiv: binary(tf.floorDiv, ['int32'], signedDivisor),
  Mod: binary(tf.mod, ['float32', 'int32'], signedDivisor),
  Pow: binary(tf.pow as (a: T, b: T) => T, ['float32', 'int32'], power),
  Maximum: binary(tf.maximum),
  Minimum: binary(tf.minimum),
  SquaredDifference: binary(tf.squaredDifference),
  Atan2: (draw) => [
    ...binary(tf.atan2, ['float32'])(draw),
    { name: 'axes', inputs: axesOfThePlane(), compute: tf.atan2 },
  ],
  Greater: binary(tf.greater, comparable, fewValues),
  GreaterEqual: binary(tf.greaterEqual, comparable, fewValues),
  Less: binary(tf.less, comparable, fewValues),
  LessEqual: binary(tf.lessEqual, comparable, fewValues),
  Equal: binary(tf.equal, comparable, fewValues),
  NotEqual: binary(tf.notEqual, comparable, fewValues),
  LogicalAnd: binary(tf.logicalAnd, ['bool']),
  LogicalOr: binary(tf.logicalOr, ['bool']),
  Prelu: (draw) =>
    broadcastShapes(draw)
      .filter(([a, b]) => tf.broadcast_util.assertAndGetBroadcastShape(a, b).join() === a.join())
      .map(([a, b]) => ({
        name: `[${a}] and [${b}]`,
        inputs: { x: draw.floats(a), alpha: draw.floats(b, 0, 1) },
        compute: tf.prelu as (x: T, alpha: T) => T,
      })),
  Select: (draw) =>
    comparable.flatMap((dtype) =>
      broadcastShapes(draw).map(([a, b]) => ({
        name: `${dtype} [${a}] and [${b}]`,
        inputs: { condition: draw.bools(a), t: draw.any(b, dtype), e: draw.any(a, dtype) },
        compute: (condition: T, t: T, e: T) => tf.where(condition, t, e),
      })),
    ),
  AddN: (draw) =>
    (['float32', 'int32'] as const).flatMap((dtype) =>
      ranks.map((rank) => {
        const shape = draw.shape(rank);
        const inputs = Object.fromEntries(
          Array.from({ length: draw.integer(2, 4) }, (_, i) => [`x${i}`, draw.any(shape, dtype)]),
        );
        return { name: `${dtype}, rank ${rank}`, inputs, compute: (...list: T[]) => tf.addN(list) };
      }),
    ),
};

function like(draw: Draw, dtype: ValueType, compute: (x: T) => T) {
  return { name: dtype, inputs: { x: draw.any(draw.shape(3), dtype) }, compute };
}

/** Numbers among which some are none, or infinite. */
function special(compute: (x: T) => T): CaseMaker {
  const values = [1, NaN, Infinity, -Infinity, 0, -1, NaN, 3];
  return (draw) => [
    {
      name: 'float32',
      inputs: { x: { shape: [2, 4], dtype: 'float32', data: Float32Array.from(values) } },
      compute,
    },
    { name: 'int32', inputs: { x: draw.ints([2, 3]) }, compute },
  ];
}

/** The points around the origin, where the quadrant decides, and the origin. */
function axesOfThePlane() {
  const tensor = (data: number[]) => ({
    shape: [data.length],
    dtype: 'float32' as const,
    data: Float32Array.from(data),
  });
  const axes = [
    ...[-Infinity, -1, 0, 1, Infinity].flatMap((a) => [-Infinity, -1, 0, 1, Infinity].map((b) => [a, b])),
    ...[0, 1, Infinity].flatMap((x) => [
      [x, NaN],
      [NaN, x],
    ]),
  ] as [number, number][];
  return { a: tensor(axes.map(([a]) => a)), b: tensor(axes.map(([, b]) => b)) };
}
