// Adaptive instance normalisation (Huang and Belongie 2017; Karras 2018, equation 1): normalises each channel of each
// image to mean 0 and deviation 1, then scales and shifts it by the image's style. The gradient is written by hand, as batch
// norm's is: it takes 5 passes over the activations.
import * as tf from '@tensorflow/tfjs-core';
import { defaultEpsilon } from './batch-norm.ts';

/** x [b, h, w, c], `scale` and `shift` [b, 1, 1, c] → (x - mean) / √(variance + ε) · scale + shift, in x's shape. */
export function adaptiveNorm(x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor): tf.Tensor {
  const axes = [1, 2];
  const moments = (input: tf.Tensor): { readonly centred: tf.Tensor; readonly r: tf.Tensor } => {
    const centred = tf.sub(input, tf.mean(input, axes, true));
    return { centred, r: tf.rsqrt(tf.add(tf.mean(tf.square(centred), axes, true), defaultEpsilon)) };
  };
  const normalise = tf.customGrad((...args) => {
    const [input, gain, offset, save] = args as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    save([input, gain]);
    const { centred, r } = moments(input);
    return {
      value: tf.add(tf.mul(centred, tf.mul(r, gain)), offset),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [savedInput, savedGain] = saved as [tf.Tensor, tf.Tensor];
        const { centred: values, r: factor } = moments(savedInput);
        const count = savedInput.shape[1]! * savedInput.shape[2]!;
        const meanDy = tf.mean(dy, axes, true); // [b, 1, 1, c]
        const meanProduct = tf.mean(tf.mul(dy, values), axes, true); // [b, 1, 1, c]
        const along = tf.mul(values, tf.mul(meanProduct, tf.square(factor)));
        return [
          tf.mul(tf.sub(tf.sub(dy, meanDy), along), tf.mul(factor, savedGain)),
          tf.mul(meanProduct, tf.mul(factor, count)),
          tf.mul(meanDy, count),
        ];
      },
    };
  });
  return normalise(x, scale, shift);
}
