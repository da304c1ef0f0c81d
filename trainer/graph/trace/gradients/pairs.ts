// Gradients of kernels of two tensors, element by element with broadcasting, and of Select. A gradient at a broadcast operand is
// summed before it is scaled or negated: fewer passes over large tensors.
import * as tf from '@tensorflow/tfjs-core';
import { detached } from '../stop-gradient.ts';
import { gradient, listGradient, noGradient, unbroadcast, zeros } from './gradient.ts';

/** `mask` as numbers 0 and 1, a constant. */
const asNumbers = (mask: () => tf.Tensor): tf.Tensor => detached(() => tf.cast(mask(), 'float32'));

/** Maximum or minimum: the gradient goes to the operand that was taken; to `a` if both are equal. */
function choice(kernelName: string, isA: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): tf.GradConfig {
  return gradient(kernelName, ['a', 'b'], (dy, [a, b]) => ({
    a: () =>
      unbroadcast(
        tf.mul(
          dy,
          asNumbers(() => isA(a, b)),
        ),
        a.shape,
      ),
    b: () =>
      unbroadcast(
        tf.mul(
          dy,
          asNumbers(() => tf.logicalNot(isA(a, b))),
        ),
        b.shape,
      ),
  }));
}

/** b·a^(b-1), which is 0 and not NaN for a = 0, b = 0, also when differentiated again. */
function powerDerivative(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const isZero = detached(() => tf.equal(b, 0));
  return tf.mul(tf.pow(a, tf.where(isZero, 1, tf.sub(b, 1))), b);
}

/** a^b·log(a), and 0 where a is not positive. */
function exponentDerivative(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const isPositive = detached(() => tf.greater(a, 0));
  return tf.mul(tf.pow(a, b), tf.log(tf.where(isPositive, a, 1)));
}

const arithmetic: readonly tf.GradConfig[] = [
  gradient('Add', ['a', 'b'], (dy, [a, b]) => ({
    a: () => unbroadcast(dy, a.shape),
    b: () => unbroadcast(dy, b.shape),
  })),
  gradient('Sub', ['a', 'b'], (dy, [a, b]) => ({
    a: () => unbroadcast(dy, a.shape),
    b: () => tf.neg(unbroadcast(dy, b.shape)),
  })),
  gradient('Multiply', ['a', 'b'], (dy, [a, b]) => ({
    a: () => unbroadcast(tf.mul(dy, b), a.shape),
    b: () => unbroadcast(tf.mul(dy, a), b.shape),
  })),
  gradient('RealDiv', ['a', 'b'], (dy, [a, b]) => ({
    a: () => unbroadcast(tf.div(dy, b), a.shape),
    b: () => tf.neg(unbroadcast(tf.mul(tf.div(dy, b), tf.div(a, b)), b.shape)),
  })),
  gradient('SquaredDifference', ['a', 'b'], (dy, [a, b]) => ({
    a: () => tf.mul(unbroadcast(tf.mul(dy, tf.sub(a, b)), a.shape), 2),
    b: () => tf.mul(unbroadcast(tf.mul(dy, tf.sub(a, b)), b.shape), -2),
  })),
  gradient('Mod', ['a', 'b'], (dy, [a, b]) => ({
    a: () => unbroadcast(dy, a.shape),
    b: () =>
      tf.neg(
        unbroadcast(
          tf.mul(
            dy,
            detached(() => tf.floor(tf.div(a, b))),
          ),
          b.shape,
        ),
      ),
  })),
  gradient('Pow', ['a', 'b'], (dy, [a, b]) => ({
    a: () => unbroadcast(tf.mul(dy, powerDerivative(a, b)), a.shape),
    b: () => unbroadcast(tf.mul(dy, exponentDerivative(a, b)), b.shape),
  })),
  gradient('Atan2', ['a', 'b'], (dy, [a, b]) => {
    const scaled = (): tf.Tensor => tf.div(dy, tf.add(tf.square(a), tf.square(b)));
    return {
      a: () => unbroadcast(tf.mul(scaled(), b), a.shape),
      b: () => tf.neg(unbroadcast(tf.mul(scaled(), a), b.shape)),
    };
  }),
  listGradient('AddN', (dy, inputs) => inputs.map(() => () => tf.clone(dy))),
];

const choices: readonly tf.GradConfig[] = [
  choice('Maximum', (a, b) => tf.greaterEqual(a, b)),
  choice('Minimum', (a, b) => tf.lessEqual(a, b)),
  // A Select instead of a product with 0 and 1, because 0 times an infinity is NaN.
  gradient('Select', ['condition'], (dy, [condition]) => {
    const isT = (): tf.Tensor => detached(() => tf.clone(condition));
    return {
      condition: () => zeros(condition),
      t: () => tf.where(isT(), dy, zeros(dy)),
      e: () => tf.where(isT(), zeros(dy), dy),
    };
  }),
];

const flat: readonly tf.GradConfig[] = [
  ...['Greater', 'GreaterEqual', 'Less', 'LessEqual', 'Equal', 'NotEqual'],
  ...['LogicalAnd', 'LogicalOr', 'FloorDiv'],
].map((kernelName) => noGradient(kernelName, 'a', 'b'));

/** Gradients of binary kernels, AddN and Select. */
export const pairs: readonly tf.GradConfig[] = [...arithmetic, ...choices, ...flat];
