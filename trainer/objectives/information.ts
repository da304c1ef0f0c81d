// InfoGAN's bound on the mutual information between codes and images (Chen 2016, equation 5), without its constant: the error
// of the codes that Q predicts from an image. For a categorical code this is the softmax cross-entropy; for a continuous code half
// the squared error, the negative log density of a normal distribution of deviation 1.
import * as tf from '@tensorflow/tfjs-core';
import type { Code } from '../../runtime-web/format/model.ts';
import { stopGradient } from '../graph/trace/stop-gradient.ts';

/** Loss in nats of `predicted` [b, columns], Q's predictions of the codes `actual` [b, columns]; Q and G minimise it. */
export function informationLoss(codes: readonly Code[], predicted: tf.Tensor, actual: tf.Tensor): tf.Scalar {
  const batch = predicted.shape[0]!;
  let loss: tf.Tensor = tf.fill([], 0);
  let column = 0;
  for (const code of codes) {
    const width = code.kind === 'choice' ? code.choices.length : 1;
    const cut = (x: tf.Tensor): tf.Tensor => tf.slice(x, [0, column], [batch, width]);
    loss = tf.add(
      loss,
      code.kind === 'choice'
        ? choiceLoss(cut(predicted), cut(actual))
        : tf.mul(tf.mean(tf.square(tf.sub(cut(actual), cut(predicted)))), 0.5),
    );
    column += width;
  }
  return loss as tf.Scalar;
}

/** Mean cross-entropy of softmax(logits) against one-hot rows, both [b, choices]. */
export function choiceLoss(logits: tf.Tensor, oneHot: tf.Tensor): tf.Tensor {
  const shifted = tf.sub(logits, stopGradient(tf.max(logits, 1, true)));
  const logSums = tf.log(tf.sum(tf.exp(shifted), 1));
  return tf.mean(tf.sub(logSums, tf.sum(tf.mul(oneHot, shifted), 1)));
}
