// Conditions in the networks: a generator gets them joined to z; a discriminator gets all but codes as maps beside the image, or projects
// them.
import * as tf from '@tensorflow/tfjs-core';
import { labelsName } from '../../runtime-web/format/condition.ts';
import type { Conditioning } from '../../runtime-web/format/model.ts';

/** Joins z [n, latent] and its condition [n, columns] along the last axis. */
export function joinCondition(z: tf.Tensor, condition: tf.Tensor | null): tf.Tensor {
  return condition === null ? z : tf.concat([z, condition], 1);
}

/** The labels, attributes or numbers among named tensors that a discriminator receives beside images; null if it receives none. */
export function shownLabels<T>(conditioning: Conditioning, given: Readonly<Record<string, T>>): T | null {
  const name = labelsName(conditioning);
  return name === null ? null : (given[name] ?? null);
}
