// The form of a kernel's gradient in this project: a function of the kernel's inputs, never of its outputs
// (register.ts has the reason), made of ops that can be differentiated again.
import * as tf from '@tensorflow/tfjs-core';

/** Gradients by the kernel's input names, computed on demand. */
export type InputGradients = Record<string, () => tf.Tensor>;

/**
 * The gradient of a kernel with one output. `inputs` names the inputs that `derive` reads, in its order.
 * Each gradient must be a new tensor (tfjs disposes of it), float32, in its input's shape.
 */
export function gradient<const Names extends readonly string[], Attributes>(
  kernelName: string,
  inputs: Names,
  derive: (
    dy: tf.Tensor,
    saved: { readonly [K in keyof Names]: tf.Tensor },
    attrs: Attributes,
  ) => InputGradients,
): tf.GradConfig {
  return {
    kernelName,
    inputsToSave: [...inputs],
    gradFunc: (dy, saved, attrs) => derive(dy as tf.Tensor, saved as never, attrs as unknown as Attributes),
  };
}

/** The gradient of a kernel that takes a list: one function for each input of the list. */
export function listGradient<Attributes>(
  kernelName: string,
  derive: (dy: tf.Tensor, inputs: readonly tf.Tensor[], attrs: Attributes) => (() => tf.Tensor)[],
): tf.GradConfig {
  return {
    kernelName,
    saveAllInputs: true,
    gradFunc: (dy, saved, attrs) =>
      Object.fromEntries(derive(dy as tf.Tensor, saved, attrs as unknown as Attributes).entries()),
  };
}

/** The gradient of a kernel with several outputs and one input, from the outputs' gradients. */
export function outputsGradient<Attributes>(
  kernelName: string,
  input: string,
  derive: (dys: tf.Tensor[], attrs: Attributes) => tf.Tensor,
): tf.GradConfig {
  return {
    kernelName,
    gradFunc: (dys, _, attrs) => ({
      [input]: () => derive(Array.isArray(dys) ? dys : [dys], attrs as unknown as Attributes),
    }),
  };
}

/** The gradient of a kernel that does not depend on these inputs, or is piecewise constant in them: zero. */
export function noGradient(kernelName: string, ...inputs: string[]): tf.GradConfig {
  return gradient(kernelName, inputs, (_, saved) =>
    Object.fromEntries(inputs.map((name, i) => [name, () => zeros(saved[i]!)])),
  );
}

/** Zeros in a tensor's shape; a constant to the recorder. Always float32, as gradients must be. */
export function zeros(like: tf.Tensor): tf.Tensor {
  return tf.fill(like.shape, 0, 'float32');
}

/**
 * Sums a gradient over the axes along which an operand of shape `shape` was broadcast. Without such axes it
 * returns a copy, which costs nothing in a recorded graph.
 */
export function unbroadcast(dy: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes([...shape], dy.shape);
  if (axes.length === 0) return tf.clone(dy);
  const sum = tf.sum(dy, axes, dy.rank === shape.length);
  return tf.util.arraysEqual(sum.shape, [...shape]) ? sum : tf.reshape(sum, [...shape]);
}
