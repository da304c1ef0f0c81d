// DCGAN's networks in training. Batch norm uses each batch's statistics in a step, and in samples fixed statistics, which are
// estimated with the averaged generator.
import type * as tf from '@tensorflow/tfjs-core';
import type { Conditioning } from '../../../runtime-web/format/model.ts';
import type { StateEntry } from '../../../runtime-web/format/training/initial-state.ts';
import type { TrainConfig } from '../../config/fields.ts';
import { imageShape } from '../../config/image-size.ts';
import { attentionName } from '../../networks/attention.ts';
import { batchMoments, batchNorm, normaliseWith, byBatch } from '../../networks/batch-norm.ts';
import {
  discriminate,
  discriminatorBlocks,
  discriminatorNormalise,
  discriminatorParameters,
  summariseDiscriminator,
} from '../../networks/discriminator.ts';
import {
  generate,
  generatorParameters,
  normalisedLayers,
  summariseGenerator,
} from '../../networks/generator.ts';
import { statisticNames } from '../../networks/statistic-names.ts';
import { networkOptions } from '../../networks/options.ts';
import { vectorEntries } from '../../networks/spectral-norm.ts';
import { sampledGenerator } from '../../networks/state.ts';
import { type Architecture } from './architecture.ts';

/** Minimum number of latents for the batch-norm statistics. */
const statisticsCount = 512;

/** The networks of a configuration. */
export function dcganArchitecture(config: TrainConfig, conditioning: Conditioning): Architecture {
  const networks = networkOptions(config, conditioning);
  const generator = generatorParameters(networks.generator);
  const discriminator = discriminatorParameters(networks.discriminator);
  const blocks = discriminatorBlocks(networks.discriminator);
  const layers = normalisedLayers(networks.generator);
  const normaliseD = discriminatorNormalise(config);

  return {
    generator,
    discriminator,
    summarise: () => ({
      generator: summariseGenerator(networks.generator),
      discriminator: summariseDiscriminator(networks.discriminator),
    }),
    trained: { generator: Object.keys(generator), discriminator: Object.keys(discriminator) },
    layersOfD: blocks
      .flatMap(({ name, isAttended }) => [name, ...(isAttended ? [attentionName('discriminator')] : [])])
      .map((name) => Object.keys(discriminator).filter((key) => key.startsWith(`${name}/`))),
    size: imageShape(config),
    dropped: blocks,
    lastWidth: blocks.at(-1)!.to,
    normaliseD,

    draws: [],
    updateAt: (stepNumber) => stepNumber,
    realImages: (inputs) => inputs['real']!,
    generate: (parameters, z) => generate(networks.generator, parameters, z, byBatch),
    discriminate(parameters, { images, labels, masks }) {
      let last: tf.Tensor | null = null;
      const observe = (_: string, activation: tf.Tensor): void => void (last = activation);
      const options = { masks, labels, observe };
      const logits = discriminate(networks.discriminator, parameters, images, normaliseD, options);
      return { logits, last: last! };
    },

    statisticsEntries: [
      ...(config.spectralNorm === 'both' ? vectorEntries(generator) : []),
      ...(config.spectralNorm === 'none' ? [] : vectorEntries(discriminator)),
      ...layers.flatMap(({ name, channels }): StateEntry[] => [
        { name: statisticNames.mean(name), shape: [channels], initial: { kind: 'constant', value: 0 } },
        { name: statisticNames.variance(name), shape: [channels], initial: { kind: 'constant', value: 1 } },
      ]),
    ],
    bookkeeping: () => ({}),
    sample: (state, z) =>
      generate(networks.generator, sampledGenerator(state, config), z, (layer, x, scale, offset) => {
        const [mean, variance] = [statisticNames.mean(layer), statisticNames.variance(layer)];
        return normaliseWith(x, state[mean]!, state[variance]!, scale, offset);
      }),
    statistics: {
      latents: statisticsCount,
      measure(state, z) {
        const outputs: Record<string, tf.Tensor> = {};
        generate(networks.generator, sampledGenerator(state, config), z, (layer, x, scale, offset) => {
          const { mean, variance } = batchMoments(x);
          outputs[statisticNames.mean(layer)] = mean;
          outputs[statisticNames.variance(layer)] = variance;
          return batchNorm(x, scale, offset);
        });
        return outputs;
      },
      names: {
        means: [],
        moments: layers.map(({ name }) => ({
          mean: statisticNames.mean(name),
          variance: statisticNames.variance(name),
        })),
      },
    },
  };
}
