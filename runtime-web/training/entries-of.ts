// The entries of a state that belong to one network.
import type { FloatTensors } from '../format/training/tensors.ts';

/** The network that a half step updates. */
export type HalfStep = 'discriminator' | 'generator';

/** A copy of a network's entries: D's have its name in their path, all others are G's. */
export function entriesOf(state: FloatTensors, network: HalfStep): FloatTensors {
  const isOfD = (name: string): boolean => name.split('/').includes('discriminator');
  return Object.fromEntries(
    Object.entries(state)
      .filter(([name]) => isOfD(name) === (network === 'discriminator'))
      .map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() }]),
  );
}
