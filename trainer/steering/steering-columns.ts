// The columns of a steering step: one for each binary and continuous attribute, and one for each category of the categorical ones, as
// if it were a binary attribute. So a page preserves, names and chooses colours with the means that it has for yes-or-no attributes.
import * as tf from '@tensorflow/tfjs-core';
import type { PredictedAttribute } from '../analysis/attributes/attribute-classifier.ts';
import { columnsOf } from '../analysis/attributes/attribute-outputs.ts';
import type { AttributeInfo } from '../data/source.ts';
import { stopGradient } from '../graph/trace/stop-gradient.ts';

/** A column, and the index of its attribute, which it shares with the other categories of that attribute. */
export type SteeringColumn = PredictedAttribute & { readonly group: number };

/** The columns of a classifier's attributes, categorical ones last; a category's name is `ATTRIBUTE/CATEGORY`. */
export function steeringColumns(attributes: readonly AttributeInfo[]): SteeringColumn[] {
  return attributes.flatMap((attribute, group): SteeringColumn[] => {
    const { name, kind, values } = attribute;
    if (kind !== 'categorical') return [{ ...attribute, kind, group }];
    return values!.map((value) => ({
      ...{ name: `${name}/${value}`, kind: 'binary', values: null, range: [0, 1], group },
    }));
  });
}

/**
 * The outputs [n, columns] of the classifier, with the log-odds of each category against all others of its attribute, instead of its
 * softmax logit: the logit of its probability.
 */
export function asLogits(attributes: readonly AttributeInfo[], outputs: tf.Tensor): tf.Tensor {
  const parts = columnsOf(attributes).map(({ attribute, first, width }) => {
    const part = tf.slice(outputs, [0, first], [outputs.shape[0]!, width]) as tf.Tensor2D;
    return attribute.kind === 'categorical' ? logOdds(part, width) : part;
  });
  return tf.concat(parts, 1);
}

/** Keeps the logarithm finite where a category is certain. */
const least = 1e-30;

/** Log of the probability of each category over that of all others, from softmax logits [n, width]; [n, width]. */
function logOdds(logits: tf.Tensor2D, width: number): tf.Tensor {
  const shifted = tf.sub(logits, stopGradient(tf.max(logits, 1, true)));
  const isOther = tf.tensor2d(
    Array.from({ length: width }, (_, k) =>
      Array.from({ length: width }, (__, other) => Number(k !== other)),
    ),
  );
  const others = tf.matMul(tf.exp(shifted) as tf.Tensor2D, isOther);
  return tf.sub(shifted, tf.log(tf.add(others, least)));
}
