// InfoGAN's bound on the mutual information between codes and images (Chen 2016, equation 5), without its constant: the error of
// codes that Q predicts from an image. A choice has the cross-entropy of a softmax. A number has a normal density of deviation 1
// around the prediction, so half the squared error.
import * as tf from '@tensorflow/tfjs-core';
import type { Code } from '../../runtime-web/format/model.ts';
import { stopGradient } from '../graph/trace/stop-gradient.ts';

/** The loss of Q's predictions `answers` [b, columns] of the codes `drawn` [b, columns], in nats; Q and G minimise it. */
export function informationLoss(codes: readonly Code[], answers: tf.Tensor, drawn: tf.Tensor): tf.Scalar {
  const batch = answers.shape[0]!;
  let loss: tf.Tensor = tf.fill([], 0);
  let column = 0;
  for (const code of codes) {
    const width = code.kind === 'choice' ? code.choices.length : 1;
    const cut = (x: tf.Tensor): tf.Tensor => tf.slice(x, [0, column], [batch, width]);
    loss = tf.add(
      loss,
      code.kind === 'choice'
        ? choiceLoss(cut(answers), cut(drawn))
        : tf.mul(tf.mean(tf.square(tf.sub(cut(drawn), cut(answers)))), 0.5),
    );
    column += width;
  }
  return loss as tf.Scalar;
}

/** Mean cross-entropy of softmax(logits) against one-hot rows. */
function choiceLoss(logits: tf.Tensor, oneHot: tf.Tensor): tf.Tensor {
  const shifted = tf.sub(logits, stopGradient(tf.max(logits, 1, true)));
  const logSums = tf.log(tf.sum(tf.exp(shifted), 1));
  return tf.mean(tf.sub(logSums, tf.sum(tf.mul(oneHot, shifted), 1)));
}
