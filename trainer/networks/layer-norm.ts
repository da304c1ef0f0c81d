// Layer normalisation (Ba 2016) as critics use it (Gulrajani 2017, section 4): each image by the mean and variance of all
// that a layer gives for it, then a scale and an offset for each channel. No image's logit depends on another image, which
// a penalty on the gradient at one image needs.
import * as tf from '@tensorflow/tfjs-core';
import { standardise } from './standardise.ts';

/** x [b, …, c], each image by its own moments (biased variance), then scale [c] and offset [c]. */
export function layerNorm(x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor): tf.Tensor {
  const imageAxes = x.shape.slice(1).map((_, i) => i + 1);
  return tf.add(tf.mul(standardise(x, imageAxes), scale), offset);
}
