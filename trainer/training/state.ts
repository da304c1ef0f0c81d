// Names of the entries of the training state, and how to select entries by name.
import type { TrainConfig } from '../config/fields.ts';
import type { NamedTensors } from '../engine/engine.ts';

/** State names of a parameter's Adam moments and of its running average. */
export const slotNames = {
  first: (name: string): string => `moments/first/${name}`,
  second: (name: string): string => `moments/second/${name}`,
  average: (name: string): string => `averaged/${name}`,
};

/** What state names of the generator that draws samples start with: that of the averaged one, where there is one. */
export function sampledPrefix({ averageDecay }: Pick<TrainConfig, 'averageDecay'>): string {
  return averageDecay > 0 ? slotNames.average('generator/') : 'generator/';
}

/** Entries whose names start with `prefix`, under their own names. */
export function named(tensors: NamedTensors, prefix: string): NamedTensors {
  return below(tensors, prefix, prefix);
}

/** Entries whose names start with `prefix`, which is replaced by `by` (default: nothing). */
export function below(tensors: NamedTensors, prefix: string, by = ''): NamedTensors {
  return Object.fromEntries(
    Object.entries(tensors)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [by + name.slice(prefix.length), tensor]),
  );
}
