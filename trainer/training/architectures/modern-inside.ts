// The hidden layers of R3GAN's networks: at each size, the sum that its residual blocks add to.
import * as tf from '@tensorflow/tfjs-core';
import { freezeModernDiscriminator, modernDiscriminatorOutputs } from '../../frozen/freeze-modern.ts';
import { modernLevels } from '../../networks/modern-block.ts';
import { modernDiscriminatorLayers } from '../../networks/modern-discriminator.ts';
import { generateModern } from '../../networks/modern-generator.ts';
import { networkOptions } from '../../networks/options.ts';
import { below, named, sampledPrefix } from '../../networks/state.ts';
import { shownLabels } from '../conditioning.ts';
import type { HiddenLayer, Inside } from './inside.ts';

/** R3GAN's networks, open to see. */
export const modernInside: Inside = {
  layers(config) {
    const { generator, discriminator } = networkOptions(config, null);
    return {
      generator: modernLevels(generator).map(({ name, height, width, channels }): HiddenLayer => ({
        name: `generator/${name}`,
        size: [height, width],
        filters: channels,
      })),
      discriminator: modernDiscriminatorLayers(discriminator).map(({ name, size, to }) => ({
        name,
        size,
        filters: to,
      })),
    };
  },
  generate: (config, conditioning, state, z, alter) =>
    tf.clipByValue(
      generateModern(
        networkOptions(config, conditioning).generator,
        below(state, sampledPrefix(config), 'generator/'),
        z,
        { alter },
      ),
      -1,
      1,
    ),
  // There is nothing to fold, so the frozen discriminator is the trained one.
  discriminate: (config, conditioning, state, images, given) =>
    modernDiscriminatorOutputs(
      networkOptions(config, conditioning).discriminator,
      named(state, 'discriminator/'),
      images,
      { labels: shownLabels(conditioning, given) },
    ),
  freezeDiscriminator: (config, state, _, conditioning = null) =>
    freezeModernDiscriminator(config, state, conditioning),
  windowsTo(config, layer) {
    const layers = modernDiscriminatorLayers(networkOptions(config, null).discriminator);
    const above = layers.findIndex(({ name }) => name === layer);
    const blocks = new Array(config.blocks).fill({ kernel: 3, stride: 1, before: 1 });
    return [...new Array(above).fill([...blocks, { kernel: 4, stride: 2, before: 1 }]).flat(), ...blocks];
  },
  kernels: null,
};
