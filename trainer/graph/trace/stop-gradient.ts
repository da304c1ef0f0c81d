// Computes without recording on tfjs's tape. tfjs has no stop-gradient, and a zero gradient is no replacement: tfjs
// would propagate the zeros back through all upstream ops, convolutions included.
import * as tf from '@tensorflow/tfjs-core';

/**
 * `x` as a constant: the same values, with no gradient upstream. A tensor that reaches the result only through it has gradient 0
 * in {@link valueAndGradients}; `tf.grads` throws.
 */
export function stopGradient<T extends tf.Tensor>(x: T): T {
  return detached(() => tf.clone(x));
}

/**
 * Runs `compute` and returns its tensor as a constant. The tensor must be a new one, not one from outside.
 * It uses a custom gradient without inputs: tfjs records no tape inside, and no path leads upstream.
 */
export function detached<T extends tf.Tensor>(compute: () => T): T {
  return tf.customGrad<T>(() => ({ value: compute(), gradFunc: () => [] }))();
}
