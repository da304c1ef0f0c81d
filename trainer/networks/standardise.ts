// Values less their mean, over their deviation, along some axes: what layer norm and instance norm have in common. The gradient
// is written by hand, as batch norm's is; it saves its input only and is made of differentiable ops.
import * as tf from '@tensorflow/tfjs-core';
import { defaultEpsilon } from './batch-norm.ts';

/** (x - mean) / √(variance + ε) along `axes` (biased variance), in x's shape. */
export function standardise(x: tf.Tensor, axes: readonly number[], epsilon = defaultEpsilon): tf.Tensor {
  const over = [...axes];
  const compute = (input: tf.Tensor): { readonly values: tf.Tensor; readonly r: tf.Tensor } => {
    const centred = tf.sub(input, tf.mean(input, over, true));
    const r = tf.rsqrt(tf.add(tf.mean(tf.square(centred), over, true), epsilon));
    return { values: tf.mul(centred, r), r };
  };
  const standardised = tf.customGrad((...args) => {
    const [input, save] = args as [tf.Tensor, tf.GradSaveFunc];
    save([input]);
    return {
      value: compute(input).values,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const { values, r } = compute(saved[0]!);
        const along = tf.mul(values, tf.mean(tf.mul(dy, values), over, true));
        return tf.mul(tf.sub(tf.sub(dy, tf.mean(dy, over, true)), along), r);
      },
    };
  });
  return standardised(x);
}
