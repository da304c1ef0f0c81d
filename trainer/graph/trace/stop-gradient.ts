// Computes without recording on tfjs's tape. tfjs has no stop-gradient, and a zero gradient is no replacement: tfjs
// would propagate the zeros back through all upstream ops, convolutions included.
import * as tf from '@tensorflow/tfjs-core';

/**
 * `x` as a constant: the same values, but nothing upstream is differentiated through it.
 * What is reachable through it alone has no gradient at all; {@link valueAndGradients} calls that zero,
 * `tf.grads` refuses.
 */
export function stopGradient<T extends tf.Tensor>(x: T): T {
  return detached(() => tf.clone(x));
}

/**
 * Runs `compute` and returns its tensor as a constant. The tensor must be a new one, not one from outside.
 * Inside a custom gradient tfjs keeps no tape, and one without inputs leads from nowhere.
 */
export function detached<T extends tf.Tensor>(compute: () => T): T {
  return tf.customGrad<T>(() => ({ value: compute(), gradFunc: () => [] }))();
}
