// A generator's inputs for given seeds: latents, and labels or codes.
import { conditionColumns, conditionFor, conditionName, type Wanted } from '../condition.ts';
import type { Model } from '../model.ts';
import { latentFromSeed } from '../random.ts';
import type { FloatTensor } from './tensors.ts';

/** `z` [n, dim], with `labels` or `codes` [n, columns] if the model is conditional. Throws RangeError as `conditionFor` does. */
export function seedInputs(
  model: Pick<Model, 'latent' | 'conditioning'>,
  seeds: readonly number[],
  wanted: Wanted = {},
): Record<string, FloatTensor> {
  const { dim, distribution } = model.latent;
  const z = new Float32Array(seeds.length * dim);
  seeds.forEach((seed, i) => z.set(latentFromSeed(seed, dim, distribution), i * dim));
  return latentInputs(model, z, seeds, wanted);
}

/** The same for given latents [n · dim]; `indices` take the place of seeds in choosing conditions. */
export function latentInputs(
  { latent, conditioning }: Pick<Model, 'latent' | 'conditioning'>,
  z: Float32Array,
  indices: readonly number[],
  wanted: Wanted = {},
): Record<string, FloatTensor> {
  const inputs: Record<string, FloatTensor> = {
    z: { shape: [indices.length, latent.dim], dtype: 'float32', data: z },
  };
  const rows = conditionFor({ conditioning }, wanted, indices);
  if (conditioning !== null && rows !== null) {
    const shape = [indices.length, conditionColumns(conditioning)];
    inputs[conditionName(conditioning)] = { shape, dtype: 'float32', data: rows };
  }
  return inputs;
}
