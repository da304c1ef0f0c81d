// Features of a discriminator: one compiled function for the weights of any checkpoint of the run, or for random weights.
import { imageShape } from '../../config/image-size.ts';
import { stagesOf } from '../../config/stages.ts';
import { Random } from '../../../runtime-web/format/random.ts';
import type { TrainConfig } from '../../config/fields.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Checkpoint } from '../../run/checkpoint.ts';
import type { HiddenLayer } from '../../training/architectures/inside.ts';
import { insideOf } from '../../training/architectures/table.ts';
import { planTraining } from '../../training/plan.ts';
import { freezeDiscriminator } from '../../training/architectures/freeze-discriminator.ts';
import { compileFeatureSet, type FeatureSet } from './feature-set.ts';
import { pooledLayers } from './pooled-layers.ts';

/** Features of a discriminator with exchangeable weights. */
export interface DiscriminatorFeatures extends FeatureSet {
  /** Loads the weights of a checkpoint of the run. */
  load(checkpoint: Pick<Checkpoint, 'state'>): Promise<void>;
}

/** Settings. */
export interface DiscriminatorFeaturesOptions {
  readonly name: string;
  readonly title: string;
  readonly engine: Engine;
  readonly config: TrainConfig;
  /** The first weights. */
  readonly checkpoint: Pick<Checkpoint, 'state'>;
  /** Images of the networks' size; batch norm is fixed to their statistics. */
  readonly dataset: Dataset;
}

/** Batch size. */
const batch = 64;

/** D's pooled layers. Afterwards the engine's state is the frozen D. Throws like {@link freezeDiscriminator}. */
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

/** Weights at initialisation: the baseline of the architecture alone. */
export function untrained(config: TrainConfig, seed: number): Pick<Checkpoint, 'state'> {
  return { state: planTraining(config).initialState(new Random(seed)) };
}

/** Number of features of a discriminator. */
export function discriminatorFeatureCount(config: TrainConfig): number {
  return pooledCount(config, insideOf(config).layers(config).discriminator);
}

/** Number of features of these layers of a configuration: one for each channel and pixel of the base. */
export function pooledCount(config: TrainConfig, layers: readonly HiddenLayer[]): number {
  const { base } = stagesOf(imageShape(config));
  return base.height * base.width * layers.reduce((sum, { filters }) => sum + filters, 0);
}
