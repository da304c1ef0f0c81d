// Features of a generator: an encoder maps an image to a latent, and the latent and the activations of G's layers for it are the
// features.
import { insideOf } from '../../training/architectures/table.ts';
import { pooledCount } from './network-features.ts';
import * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../../../runtime-web/format/random.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { Engine } from '../../engine/engine.ts';
import type { TrainedRun } from '../../run/trained-run.ts';
import { compileFeatureSet, type FeatureSet } from './feature-set.ts';
import { encode, trainEncoder } from './latent-encoder.ts';
import { pooledLayers } from './pooled-layers.ts';

/** Settings. */
export interface GeneratorFeaturesOptions {
  readonly engine: Engine;
  readonly run: Pick<TrainedRun, 'config' | 'generator'>;
  readonly dataset: Dataset;
  /** Number of updates of the encoder. */
  readonly steps: number;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number) => void;
}

/** The feature set, and the fraction of the latents' variance that the encoder explains: see {@link trainEncoder}. */
export type GeneratorFeatures = FeatureSet & { readonly explainedVariance: number };

/**
 * Trains an encoder and compiles the extractor. Afterwards the engine's state holds the generator and the encoder.
 */
export async function generatorFeatures(options: GeneratorFeaturesOptions): Promise<GeneratorFeatures> {
  const { engine, run, dataset } = options;
  const { config, generator } = run;
  const explainedVariance = await trainEncoder({ ...options, options: config, generator });
  const set = await compileFeatureSet({
    name: 'generator',
    title: "the latent, and G's layers",
    engine,
    dataset,
    batch: 64,
    featuresOf(state, images) {
      const encoded = encode(config, state, images);
      // Keeps latents within the range that G was trained on.
      const z = config.latentDistribution === 'uniform' ? tf.clipByValue(encoded, -1, 1) : encoded;
      const layers = Object.entries(generator.layers(state, z)).filter(([name]) => name !== 'images');
      return tf.concat([z as tf.Tensor2D, pooledLayers(layers.map(([, layer]) => layer))], 1);
    },
  });
  return { ...set, explainedVariance };
}

/** Number of features of a generator. */
export function generatorFeatureCount(config: TrainedRun['config']): number {
  return config.latent + pooledCount(config, insideOf(config).layers(config).generator);
}
