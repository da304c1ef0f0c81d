// A generator's inputs for given latents. The rows of conditions come from a function that is handed over, because most packages that
// pages train have no conditioning, and no use for its code.
import { conditionColumns, conditionName, type conditionFor, type Wanted } from '../condition.ts';
import type { Model } from '../model.ts';
import { latentFromSeed } from '../random.ts';
import type { FloatTensor } from './tensors.ts';

/** The part of a model that its inputs depend on. */
export type Conditioned = Pick<Model, 'latent' | 'conditioning'>;
/** The function `conditionFor`; null for models without conditioning. */
export type ConditionFor = typeof conditionFor | null;

/** The latents of seeds, [n · dim]. */
export function latentsOf({ latent: { dim, distribution } }: Conditioned, seeds: readonly number[]) {
  const z = new Float32Array(seeds.length * dim);
  seeds.forEach((seed, i) => z.set(latentFromSeed(seed, dim, distribution), i * dim));
  return z;
}

/**
 * `z` [n, dim], with `labels` or `codes` [n, columns] if the model is conditional; `indices` choose conditions that are not wanted. Throws
 * RangeError as `conditionFor` does.
 */
export function latentInputs(
  { latent, conditioning }: Conditioned,
  z: Float32Array,
  indices: readonly number[],
  rowsFor: ConditionFor,
  wanted: Wanted = {},
): Record<string, FloatTensor> {
  const inputs: Record<string, FloatTensor> = {
    z: { shape: [indices.length, latent.dim], dtype: 'float32', data: z },
  };
  const rows = rowsFor?.({ conditioning }, wanted, indices) ?? null;
  if (conditioning !== null && rows !== null) {
    const shape = [indices.length, conditionColumns(conditioning)];
    inputs[conditionName(conditioning)] = { shape, dtype: 'float32', data: rows };
  }
  return inputs;
}
