// Names of the networks' entries in the training state, and how to select entries by name.
import type { TrainConfig } from '../config/fields.ts';
import type { NamedTensors } from '../engine/engine.ts';
import { averageName } from '../../runtime-web/format/training/slot-names.ts';
import { spectrallyNormalised, vectorName } from './spectral-norm.ts';

export { averageName };

/** Name prefix of the generator parameters used for samples: the averaged ones if an average is kept. */
export function sampledPrefix(config: AverageConfig): string {
  return isAveraged(config) ? averageName('generator/') : 'generator/';
}

/** The part of a configuration that says whether the generator's weights are averaged. */
type AverageConfig = Pick<TrainConfig, 'averageDecay' | 'averageHalfLife'>;

/** True if the training state holds averaged generator weights. */
export function isAveraged({ averageDecay, averageHalfLife }: AverageConfig): boolean {
  return averageHalfLife !== null || (averageDecay !== null && averageDecay > 0);
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

/** A state's generator for samples: the averaged parameters if an average is kept, divided by σ where they have spectral norm. */
export function sampledGenerator(state: NamedTensors, config: AverageConfig): NamedTensors {
  const parameters = below(state, sampledPrefix(config), 'generator/');
  return spectrallyNormalised({ ...parameters, ...named(state, vectorName('generator/')) });
}

/** A state's discriminator, its parameters divided by σ where they have spectral norm. */
export function usedDiscriminator(state: NamedTensors): NamedTensors {
  return spectrallyNormalised({
    ...named(state, 'discriminator/'),
    ...named(state, vectorName('discriminator/')),
  });
}
