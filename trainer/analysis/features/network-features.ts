// What a discriminator has learned, as features: one recorded function whose weights are those of any checkpoint of the
// run, or random ones of the same architecture.
import { Random } from '../../../runtime-web/format/random.ts';
import type { TrainConfig } from '../../config/fields.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Checkpoint } from '../../run/checkpoint.ts';
import { planTraining } from '../../training/plan.ts';
import { freezeDiscriminator } from '../../frozen/discriminator-statistics.ts';
import { compileFeatureSet, type FeatureSet } from './feature-set.ts';
import { pooledLayers } from './pooled-layers.ts';

/** Features of a discriminator whose weights can be changed. */
export interface DiscriminatorFeatures extends FeatureSet {
  /** Takes the weights of a checkpoint of the run. */
  load(checkpoint: Pick<Checkpoint, 'state'>): Promise<void>;
}

/** What they are made with. */
export interface DiscriminatorFeaturesOptions {
  readonly name: string;
  readonly title: string;
  readonly engine: Engine;
  readonly config: TrainConfig;
  /** The weights to begin with. */
  readonly checkpoint: Pick<Checkpoint, 'state'>;
  /** Images of the networks' size; batch norm is fixed to what it sees of these. */
  readonly dataset: Dataset;
}

/** Images at once. */
const batch = 64;

/** D's layers, pooled. The engine's state is D's from now on. Throws as {@link freezeDiscriminator} does. */
export async function discriminatorFeatures(
  options: DiscriminatorFeaturesOptions,
): Promise<DiscriminatorFeatures> {
  const { engine, config, dataset } = options;
  const freeze = async ({ state }: Pick<Checkpoint, 'state'>) => {
    const frozen = await freezeDiscriminator(engine, { config, checkpoint: { state } }, dataset);
    await engine.writeState(frozen.parameters);
    return frozen;
  };
  const frozen = await freeze(options.checkpoint);
  const set = await compileFeatureSet({
    ...options,
    batch,
    featuresOf: (state, images) => {
      const layers = Object.entries(frozen.layers(state, images)).filter(([name]) => name !== 'logits');
      return pooledLayers(layers.map(([, layer]) => layer));
    },
  });
  return { ...set, load: async (checkpoint) => void (await freeze(checkpoint)) };
}

/** Weights as they are before training: what the architecture alone is worth. */
export function untrained(config: TrainConfig, seed: number): Pick<Checkpoint, 'state'> {
  return { state: planTraining(config).initialState(new Random(seed)) };
}

/** How many features a discriminator gives. */
export function discriminatorFeatureCount({ imageSize, baseWidth }: TrainConfig): number {
  // 16 for each channel of blocks of baseWidth, twice that, and so on.
  return 16 * baseWidth * (imageSize / 4 - 1);
}
