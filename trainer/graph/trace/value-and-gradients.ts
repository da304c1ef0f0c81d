// Value and gradients, where a tensor that the value does not depend on has gradient 0. `tf.grads` throws instead,
// which a penalty on D's gradient would cause: D's biases have no path to it.
import * as tf from '@tensorflow/tfjs-core';

/**
 * The value of `f` and its gradient with respect to each of `xs`, which `f` encloses; `dy` (default: ones, in
 * `f`'s shape) is the gradient at the value. The result can itself be differentiated. Throws Error if a kernel on the path
 * has no gradient.
 */
export function valueAndGradients(
  f: () => tf.Tensor,
  xs: readonly tf.Tensor[],
  dy?: tf.Tensor,
): { readonly value: tf.Tensor; readonly gradients: tf.Tensor[] } {
  return tf.tidy(() => {
    const { value, grads } = tf.engine().gradients(f, [...xs], dy, true);
    const found = grads as readonly (tf.Tensor | null | undefined)[];
    return { value, gradients: xs.map((x, i) => found[i] ?? tf.fill(x.shape, 0)) };
  });
}
