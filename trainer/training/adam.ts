// Adam (Kingma and Ba 2015, algorithm 1, with bias correction), as a pure function of the moments.
import * as tf from '@tensorflow/tfjs-core';

/** Adam's settings. Learning rate and update count are tensors because they change between updates. */
export interface AdamSettings {
  /** Scalar. */
  readonly learningRate: tf.Tensor;
  /** Scalar: 1 for the first update. */
  readonly update: tf.Tensor;
  readonly beta1: number;
  /** A scalar tensor if it changes between updates. */
  readonly beta2: number | tf.Tensor;
  /** Added to the root of the second moment. Default 1e-8. */
  readonly epsilon?: number;
  /**
   * The update will itself be differentiated. A second moment of zero (a parameter that never had a gradient) is then a
   * constant, because the root's derivative is infinite there. Default false.
   */
  readonly isDifferentiated?: boolean;
}

/** Second moments below this are constants in a differentiated update; their root is far below epsilon. */
const minSecond = 1e-24;

/** A parameter and its two moments. */
export interface AdamSlot {
  readonly parameter: tf.Tensor;
  readonly first: tf.Tensor;
  readonly second: tf.Tensor;
}

/**
 * One update of one parameter. The bias corrections are moved into the scalars, so that each parameter costs 10 passes:
 * p - rate' m / (sqrt(v) + epsilon') with rate' = rate sqrt(1 - β2^t) / (1 - β1^t), epsilon' = epsilon sqrt(1 - β2^t) (their
 * section 2, end). With a β2 that changes, the correction takes its present value for all t updates, as in PyTorch.
 */
export function adam(slot: AdamSlot, gradient: tf.Tensor, settings: AdamSettings): AdamSlot {
  const { learningRate, update, beta1, beta2, epsilon = 1e-8, isDifferentiated = false } = settings;
  const rootOfCorrection2 = tf.sqrt(tf.sub(1, tf.pow(beta2, update)));
  const rate = tf.div(tf.mul(learningRate, rootOfCorrection2), tf.sub(1, tf.pow(beta1, update)));
  const first = tf.add(tf.mul(slot.first, beta1), tf.mul(gradient, 1 - beta1));
  const rest2 = typeof beta2 === 'number' ? 1 - beta2 : tf.sub(1, beta2);
  const second = tf.add(tf.mul(slot.second, beta2), tf.mul(tf.square(gradient), rest2));
  const rooted = isDifferentiated ? tf.maximum(second, minSecond) : second;
  const denominator = tf.add(tf.sqrt(rooted), tf.mul(rootOfCorrection2, epsilon));
  const parameter = tf.sub(slot.parameter, tf.mul(rate, tf.div(first, denominator)));
  return { parameter, first, second };
}
