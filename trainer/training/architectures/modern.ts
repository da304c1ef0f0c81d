// R3GAN's networks in training (Huang 2024): no norm, no noise and no statistics, so a step takes nothing beside images and latents.
import * as tf from '@tensorflow/tfjs-core';
import type { Conditioning } from '../../../runtime-web/format/model.ts';
import type { TrainConfig } from '../../config/fields.ts';
import { imageShape } from '../../config/image-size.ts';
import {
  discriminateModern,
  modernDiscriminatorLayers,
  modernDiscriminatorParameters,
  summariseModernDiscriminator,
} from '../../networks/modern-discriminator.ts';
import {
  generateModern,
  modernGeneratorParameters,
  summariseModernGenerator,
} from '../../networks/modern-generator.ts';
import { networkOptions } from '../../networks/options.ts';
import { below, sampledPrefix } from '../../networks/state.ts';
import type { Architecture } from './architecture.ts';

/** The networks of a configuration. */
export function modernArchitecture(config: TrainConfig, conditioning: Conditioning): Architecture {
  const networks = networkOptions(config, conditioning);
  const generator = modernGeneratorParameters(networks.generator);
  const discriminator = modernDiscriminatorParameters(networks.discriminator);
  const layers = modernDiscriminatorLayers(networks.discriminator);

  return {
    generator,
    discriminator,
    summarise: () => ({
      generator: summariseModernGenerator(networks.generator),
      discriminator: summariseModernDiscriminator(networks.discriminator),
    }),
    trained: { generator: Object.keys(generator), discriminator: Object.keys(discriminator) },
    layersOfD: layers.map(({ name }, i) =>
      Object.keys(discriminator).filter(
        (key) => key.startsWith(`${name}/`) || (i === 0 && key.startsWith('discriminator/image/')),
      ),
    ),
    size: imageShape(config),
    dropped: [],
    lastWidth: layers.at(-1)!.to,
    normaliseD: (_, x, scale, offset) => tf.add(tf.mul(x, scale), offset),

    draws: [],
    updateAt: (stepNumber) => stepNumber,
    realImages: (inputs) => inputs['real']!,
    generate: (parameters, z) => generateModern(networks.generator, parameters, z),
    discriminate: (parameters, { images, labels }) =>
      discriminateModern(networks.discriminator, parameters, images, { labels }),

    statisticsEntries: [],
    bookkeeping: () => ({}),
    sample: (state, z) =>
      tf.clipByValue(
        generateModern(networks.generator, below(state, sampledPrefix(config), 'generator/'), z),
        -1,
        1,
      ),
    statistics: {
      latents: 0,
      measure: () => ({}),
      names: { means: [], moments: [] },
    },
  };
}
