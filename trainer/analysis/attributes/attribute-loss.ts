// Loss for editing one attribute, used to refine directions and to steer latents: a hinge on the target attribute's prediction, and
// a penalty on changes of all other predictions.
import * as tf from '@tensorflow/tfjs-core';
import type { AttributeInfo } from '../../data/source.ts';
import { stopGradient } from '../../graph/trace/stop-gradient.ts';
import { columnsOf } from './attribute-outputs.ts';

/** Margin beyond the decision border, in logits for binary attributes and in units of continuous ones. */
export interface Margins {
  readonly binary: number;
  readonly continuous: number;
}

/** Weight of continuous attributes relative to binary ones in the penalty. */
const continuousWeight = 4;

/**
 * Combines outputs [n, columns] of attributes that are not categorical: those of binary ones from one tensor, those of
 * continuous ones from the other.
 */
function either(attributes: readonly AttributeInfo[], binary: tf.Tensor, continuous: tf.Tensor): tf.Tensor {
  const isBinary = tf.tensor1d(attributes.map(({ kind }) => Number(kind === 'binary')));
  return tf.add(tf.mul(isBinary, binary), tf.mul(tf.sub(1, isBinary), continuous));
}

/**
 * Hinge of the outputs [n, attributes] of binary and continuous attributes against their margins: a softplus for logits of binary ones,
 * 2 · ReLU for values.
 */
export function targetLoss(
  attributes: readonly AttributeInfo[],
  outputs: tf.Tensor,
  margins: Margins,
): tf.Tensor {
  return either(
    attributes,
    tf.softplus(tf.sub(margins.binary, outputs)),
    tf.mul(2, tf.relu(tf.sub(margins.continuous, outputs))),
  );
}

/**
 * Penalty on the change of a classifier's outputs [n, columns], for each attribute [n, attributes]: KL divergence of the probabilities of
 * binary and categorical attributes, weighted squared difference for continuous ones. The categorical attributes are the last ones.
 */
export function preservationLoss(
  attributes: readonly AttributeInfo[],
  after: tf.Tensor,
  before: tf.Tensor,
): tf.Tensor {
  const columns = columnsOf(attributes);
  const plain = attributes.filter(({ kind }) => kind !== 'categorical');
  const cut = (x: tf.Tensor, first: number, width: number): tf.Tensor =>
    tf.slice(x, [0, first], [x.shape[0]!, width]);
  const categorical = columns
    .slice(plain.length)
    .map(({ first, width }) => divergence(cut(after, first, width), cut(before, first, width)));
  const [plainAfter, plainBefore] = [cut(after, 0, plain.length), cut(before, 0, plain.length)];
  const probability = tf.sigmoid(plainBefore);
  const entropy = (logits: tf.Tensor): tf.Tensor => tf.sub(tf.softplus(logits), tf.mul(logits, probability));
  const penalty = either(
    plain,
    tf.sub(entropy(plainAfter), entropy(plainBefore)),
    tf.mul(continuousWeight, tf.squaredDifference(plainAfter, plainBefore)),
  );
  return categorical.length === 0 ? penalty : tf.concat([penalty, ...categorical], 1);
}

/** KL divergence of softmax(`after`) from softmax(`before`), both [n, categories], in nats; [n, 1]. */
function divergence(after: tf.Tensor, before: tf.Tensor): tf.Tensor {
  const logProbabilities = (logits: tf.Tensor): tf.Tensor => {
    const shifted = tf.sub(logits, stopGradient(tf.max(logits, 1, true)));
    return tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), 1, true)));
  };
  const [from, to] = [logProbabilities(before), logProbabilities(after)];
  return tf.sum(tf.mul(tf.exp(from), tf.sub(from, to)), 1, true);
}
