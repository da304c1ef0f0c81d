// Random changes of real and generated images alike before D, which delay its overfitting of a small data set: DiffAugment or ADA. G's
// gradient passes through them. All random numbers are inputs of the step.
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors } from '../../engine/engine.ts';
import { mapColours } from './colour-map.ts';
import { diffAugment } from './diff-augment.ts';
import { resample } from './resampling.ts';

/** Changes images [b, h, w, c] in [-1, 1] by the tensors of one pass; returns them unchanged without any. */
export function augment(images: tf.Tensor, given: NamedTensors): tf.Tensor {
  if (given['isMoved'] === undefined) return diffAugment(images, given);
  const planes = tf.transpose(images, [0, 3, 1, 2]); // [b, c, h, w]
  return tf.transpose(mapColours(resample(planes, given), given), [0, 2, 3, 1]);
}
