// Gradients of kernels of one tensor, element by element. Masks such as x > 0 are computed as
// constants: their derivative is zero, and tfjs would propagate zeros through everything upstream of x.
import * as tf from '@tensorflow/tfjs-core';
import { detached } from '../stop-gradient.ts';
import { gradient, noGradient, unbroadcast, zeros } from './gradient.ts';

/** SELU's constants (Klambauer 2017, section 2). */
const seluScale = 1.0507009873554805;
const seluAlpha = 1.6732632423543772;

/** `derive` maps the output's gradient and the input to the input's gradient. */
function unary<Attributes>(
  kernelName: string,
  derive: (dy: tf.Tensor, x: tf.Tensor, attrs: Attributes) => tf.Tensor,
): tf.GradConfig {
  return gradient(kernelName, ['x'], (dy, [x], attrs: Attributes) => ({ x: () => derive(dy, x, attrs) }));
}

/** 1 where x > 0, else `otherwise`. */
const step = (x: tf.Tensor, otherwise = 0): tf.Tensor => detached(() => tf.step(x, otherwise));

/** 1 - x². */
const oneMinusSquare = (x: tf.Tensor): tf.Tensor => tf.sub(1, tf.square(x));

/** x² + 1. */
const squarePlusOne = (x: tf.Tensor): tf.Tensor => tf.add(tf.square(x), 1);

function sigmoidDerivative(x: tf.Tensor): tf.Tensor {
  const s = tf.sigmoid(x);
  return tf.mul(s, tf.sub(1, s));
}

const smooth: readonly tf.GradConfig[] = [
  unary('Neg', (dy) => tf.neg(dy)),
  unary('Exp', (dy, x) => tf.mul(dy, tf.exp(x))),
  unary('Expm1', (dy, x) => tf.mul(dy, tf.exp(x))),
  unary('Log', (dy, x) => tf.div(dy, x)),
  unary('Log1p', (dy, x) => tf.div(dy, tf.add(x, 1))),
  unary('Sqrt', (dy, x) => tf.mul(dy, tf.mul(tf.rsqrt(x), 0.5))),
  unary('Rsqrt', (dy, x) => tf.mul(dy, tf.mul(tf.div(tf.rsqrt(x), x), -0.5))),
  unary('Square', (dy, x) => tf.mul(dy, tf.mul(x, 2))),
  unary('Reciprocal', (dy, x) => tf.neg(tf.div(dy, tf.square(x)))),
  unary('Softplus', (dy, x) => tf.mul(dy, tf.sigmoid(x))),
  unary('Sigmoid', (dy, x) => tf.mul(dy, sigmoidDerivative(x))),
  unary('Tanh', (dy, x) => tf.mul(dy, oneMinusSquare(tf.tanh(x)))),
  unary('Sin', (dy, x) => tf.mul(dy, tf.cos(x))),
  unary('Cos', (dy, x) => tf.neg(tf.mul(dy, tf.sin(x)))),
  unary('Tan', (dy, x) => tf.mul(dy, squarePlusOne(tf.tan(x)))),
  unary('Asin', (dy, x) => tf.mul(dy, tf.rsqrt(oneMinusSquare(x)))),
  unary('Acos', (dy, x) => tf.neg(tf.mul(dy, tf.rsqrt(oneMinusSquare(x))))),
  unary('Atan', (dy, x) => tf.div(dy, squarePlusOne(x))),
  unary('Sinh', (dy, x) => tf.mul(dy, tf.cosh(x))),
  unary('Cosh', (dy, x) => tf.mul(dy, tf.sinh(x))),
  unary('Asinh', (dy, x) => tf.mul(dy, tf.rsqrt(squarePlusOne(x)))),
  unary('Acosh', (dy, x) => tf.mul(dy, tf.rsqrt(tf.sub(tf.square(x), 1)))),
  unary('Atanh', (dy, x) => tf.div(dy, oneMinusSquare(x))),
  unary('Erf', (dy, x) => tf.mul(dy, tf.mul(tf.exp(tf.neg(tf.square(x))), 2 / Math.sqrt(Math.PI)))),
];

const kinked: readonly tf.GradConfig[] = [
  unary('Abs', (dy, x) =>
    tf.mul(
      dy,
      detached(() => tf.sign(x)),
    ),
  ),
  unary('Relu', (dy, x) => tf.mul(dy, step(x))),
  unary('Relu6', (dy, x) =>
    tf.mul(
      dy,
      detached(() => tf.mul(tf.step(x), tf.step(tf.sub(6, x)))),
    ),
  ),
  unary('LeakyRelu', (dy, x, { alpha }: tf.LeakyReluAttrs) => tf.mul(dy, step(x, alpha))),
  // exp(min(x, 0)) is 1 where x is positive and cannot overflow.
  unary('Elu', (dy, x) => tf.mul(dy, tf.exp(tf.minimum(x, 0)))),
  unary('Selu', (dy, x) => {
    const negative = tf.mul(tf.exp(tf.minimum(x, 0)), seluScale * seluAlpha);
    return tf.mul(
      dy,
      tf.where(
        detached(() => tf.greater(x, 0)),
        seluScale,
        negative,
      ),
    );
  }),
  unary('ClipByValue', (dy, x, { clipValueMin, clipValueMax }: tf.ClipByValueAttrs) => {
    const inside = (): tf.Tensor =>
      tf.logicalAnd(tf.greaterEqual(x, clipValueMin), tf.lessEqual(x, clipValueMax));
    return tf.mul(
      dy,
      detached(() => tf.cast(inside(), 'float32')),
    );
  }),
  gradient('Prelu', ['x', 'alpha'], (dy, [x, alpha]) => ({
    x: () =>
      tf.where(
        detached(() => tf.greater(x, 0)),
        dy,
        tf.mul(dy, alpha),
      ),
    alpha: () => unbroadcast(tf.mul(dy, tf.minimum(x, 0)), alpha.shape),
  })),
];

const copies: readonly tf.GradConfig[] = [
  unary('Identity', (dy) => tf.clone(dy)),
  // A cast from float to integer is piecewise constant; every other cast preserves the value.
  unary('Cast', (dy, x, { dtype }: tf.CastAttrs) =>
    x.dtype === 'float32' && dtype !== 'float32' ? zeros(x) : tf.clone(dy),
  ),
];

const flat: readonly tf.GradConfig[] = [
  ...['Sign', 'Floor', 'Ceil', 'Round', 'Step', 'OnesLike', 'ZerosLike'],
  ...['IsNan', 'IsInf', 'IsFinite', 'LogicalNot'],
].map((kernelName) => noGradient(kernelName, 'x'));

/** Gradients of unary kernels, PReLU among them. */
export const elementwise: readonly tf.GradConfig[] = [...smooth, ...kinked, ...copies, ...flat];
