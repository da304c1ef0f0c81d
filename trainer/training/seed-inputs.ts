// What a generator is fed for the pictures of seeds: their latents, and the labels or codes that go with them.
import {
  conditionColumns,
  conditionFor,
  conditionName,
  type Wanted,
} from '../../runtime-web/format/condition.ts';
import type { Model } from '../../runtime-web/format/model.ts';
import { latentFromSeed } from '../../runtime-web/format/random.ts';
import type { HostTensor } from '../graph/trace/graph.ts';

/** `z` [n, dim], and `labels` or `codes` [n, columns] where the model takes them. Throws RangeError as `conditionFor` does. */
export function seedInputs(
  model: Pick<Model, 'latent' | 'conditioning'>,
  seeds: readonly number[],
  wanted: Wanted = {},
): Record<string, HostTensor> {
  const { dim, distribution } = model.latent;
  const z = new Float32Array(seeds.length * dim);
  seeds.forEach((seed, i) => z.set(latentFromSeed(seed, dim, distribution), i * dim));
  return latentInputs(model, z, seeds, wanted);
}

/** The same for latents [n · dim] that are given; `turns` stand for their seeds. */
export function latentInputs(
  { latent, conditioning }: Pick<Model, 'latent' | 'conditioning'>,
  z: Float32Array,
  turns: readonly number[],
  wanted: Wanted = {},
): Record<string, HostTensor> {
  const inputs: Record<string, HostTensor> = {
    z: { shape: [turns.length, latent.dim], dtype: 'float32', data: z },
  };
  const rows = conditionFor({ conditioning }, wanted, turns);
  if (conditioning !== null && rows !== null) {
    const shape = [turns.length, conditionColumns(conditioning)];
    inputs[conditionName(conditioning)] = { shape, dtype: 'float32', data: rows };
  }
  return inputs;
}
