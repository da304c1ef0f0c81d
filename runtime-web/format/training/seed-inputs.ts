// A generator's inputs for given seeds: latents, and labels or codes.
import { conditionFor, type Wanted } from '../condition.ts';
import { latentInputs, latentsOf, type Conditioned } from './latent-inputs.ts';
import type { FloatTensor } from './tensors.ts';

/** `z` [n, dim], with `labels` or `codes` [n, columns] if the model is conditional. Throws RangeError as `conditionFor` does. */
export function seedInputs(
  model: Conditioned,
  seeds: readonly number[],
  wanted: Wanted = {},
): Record<string, FloatTensor> {
  return latentInputs(model, latentsOf(model, seeds), seeds, conditionFor, wanted);
}
