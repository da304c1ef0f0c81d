// The outputs of an attribute classifier: one column for a binary attribute (a logit) and for a continuous one (the value), one logit
// a category for a categorical one. Truth and loss in columns; predictions as one number an attribute.
import * as tf from '@tensorflow/tfjs-core';
import type { AttributeInfo } from '../../data/source.ts';
import { choiceLoss } from '../../objectives/information.ts';

/** An attribute's columns in the outputs. */
interface Column {
  readonly attribute: AttributeInfo;
  readonly first: number;
  readonly width: number;
}

/** The columns of each attribute, in the attributes' order. */
export function columnsOf(attributes: readonly AttributeInfo[]): readonly Column[] {
  let first = 0;
  return attributes.map((attribute) => {
    const width = attribute.values?.length ?? 1;
    first += width;
    return { attribute, first: first - width, width };
  });
}

/** Number of outputs. */
export function outputWidth(attributes: readonly AttributeInfo[]): number {
  return columnsOf(attributes).reduce((sum, { width }) => sum + width, 0);
}

/**
 * The truth of one image from its attributes' values, in the attributes' order, as outputs: 0 or 1, values scaled to [-1, 1], and a 1
 * in the category's column.
 */
export function truthRow(attributes: readonly AttributeInfo[], values: ArrayLike<number>): Float32Array {
  const row = new Float32Array(outputWidth(attributes));
  columnsOf(attributes).forEach(({ attribute: { kind, range }, first }, a) => {
    const value = values[a]!;
    const [min, max] = range;
    if (kind === 'binary') row[first] = Number(value > 0);
    else if (kind === 'continuous') row[first] = (2 * (value - min)) / (max - min) - 1;
    else row[first + value] = 1;
  });
  return row;
}

/**
 * Mean loss of outputs [n, width] against truth [n, width], averaged over attributes: cross-entropy, and squared error of values.
 */
export function outputLoss(
  attributes: readonly AttributeInfo[],
  outputs: tf.Tensor,
  truth: tf.Tensor,
): tf.Tensor {
  const losses = columnsOf(attributes).map(({ attribute: { kind }, first, width }) => {
    const cut = (x: tf.Tensor): tf.Tensor => tf.slice(x, [0, first], [x.shape[0]!, width]);
    const [output, target] = [cut(outputs), cut(truth)];
    if (kind === 'categorical') return choiceLoss(output, target);
    if (kind === 'continuous') return tf.mean(tf.squaredDifference(output, target));
    return tf.mean(tf.sub(tf.softplus(output), tf.mul(output, target)));
  });
  return tf.div(
    losses.reduce((sum, loss) => tf.add(sum, loss)),
    losses.length,
  );
}

/** One image's predictions from its outputs: a probability, a value, or the number of the most probable category. */
export function predictionsOf(
  attributes: readonly AttributeInfo[],
  outputs: ArrayLike<number>,
  start = 0,
): Float32Array {
  return Float32Array.from(columnsOf(attributes), ({ attribute: { kind }, first, width }) => {
    const value = outputs[start + first]!;
    if (kind === 'continuous') return value;
    if (kind === 'binary') return 1 / (1 + Math.exp(-value));
    let best = 0;
    for (let k = 1; k < width; k++) {
      if (outputs[start + first + k]! > outputs[start + first + best]!) best = k;
    }
    return best;
  });
}
