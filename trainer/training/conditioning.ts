// Conditions as tensors: class labels as one-hot rows, attributes, numbers, and InfoGAN's codes. A generator gets them joined to z; a
// discriminator gets all but codes as maps beside the image, or projects them.
import * as tf from '@tensorflow/tfjs-core';
import { conditionColumns, labelsName } from '../../runtime-web/format/condition.ts';
import type { Code, Conditioning } from '../../runtime-web/format/model.ts';
import type { Random } from '../../runtime-web/format/random.ts';

/** Draws random codes, [count, columns]: categorical ones one-hot, continuous ones uniform in their range. */
export function drawCodes(codes: readonly Code[], count: number, random: Random): Float32Array<ArrayBuffer> {
  const columns = conditionColumns({ kind: 'codes', codes });
  const rows = new Float32Array(count * columns);
  for (let row = 0; row < rows.length; row += columns) {
    let column = row;
    for (const code of codes) {
      if (code.kind === 'choice') {
        rows[column + Math.floor(random.uniform() * code.choices.length)] = 1;
        column += code.choices.length;
      } else rows[column++] = code.least + (code.most - code.least) * random.uniform();
    }
  }
  return rows;
}

/** Labels [n] as one-hot rows [n, classes]. */
export function oneHot(labels: ArrayLike<number>, classes: number): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(labels.length * classes);
  for (let i = 0; i < labels.length; i++) rows[i * classes + labels[i]!] = 1;
  return rows;
}

/** Joins z [n, latent] and its condition [n, columns] along the last axis. */
export function joinCondition(z: tf.Tensor, condition: tf.Tensor | null): tf.Tensor {
  return condition === null ? z : tf.concat([z, condition], 1);
}

/** The labels, attributes or numbers among named tensors that a discriminator receives beside images; null if it receives none. */
export function shownLabels<T>(conditioning: Conditioning, given: Readonly<Record<string, T>>): T | null {
  const name = labelsName(conditioning);
  return name === null ? null : (given[name] ?? null);
}
