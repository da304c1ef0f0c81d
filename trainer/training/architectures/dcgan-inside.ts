// DCGAN's hidden layers.
import type * as tf from '@tensorflow/tfjs-core';
import { imageShape } from '../../config/image-size.ts';
import { shorterSide, stagesOf } from '../../config/stages.ts';
import { foldDiscriminator } from '../../frozen/fold.ts';
import { normaliseWith } from '../../networks/batch-norm.ts';
import { discriminate, discriminatorBlocks, discriminatorNormalise } from '../../networks/discriminator.ts';
import { generate, generatorBlocks } from '../../networks/generator.ts';
import { statisticNames } from '../../networks/statistic-names.ts';
import { besideImages } from '../../networks/label-maps.ts';
import { networkOptions } from '../../networks/options.ts';
import { sampledGenerator, usedDiscriminator } from '../../networks/state.ts';
import { shownLabels } from '../conditioning.ts';
import type { Inside } from './inside.ts';

/** DCGAN's networks, open to see. */
export const dcganInside: Inside = {
  layers(config) {
    const { generator, discriminator } = networkOptions(config, null);
    const blocks = generatorBlocks(generator);
    const { base } = stagesOf(generator);
    return {
      generator: [
        { name: 'generator/project', size: [base.height, base.width], filters: blocks[0]!.from },
        ...blocks
          .filter(({ isImage }) => !isImage)
          .map(({ name, size, to }) => ({ name, size, filters: to })),
      ],
      discriminator: discriminatorBlocks(discriminator).map(({ name, size, to }) => ({
        name,
        size,
        filters: to,
      })),
    };
  },
  generate: (config, conditioning, state, z, alter) =>
    generate(
      networkOptions(config, conditioning).generator,
      sampledGenerator(state, config),
      z,
      (layer, x, scale, offset) => {
        const [mean, variance] = [statisticNames.mean(layer), statisticNames.variance(layer)];
        return normaliseWith(x, state[mean]!, state[variance]!, scale, offset);
      },
      undefined,
      alter,
    ),
  discriminate(config, conditioning, state, images, given) {
    const outputs: Record<string, tf.Tensor> = {};
    const byStatistics = (layer: string, y: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor): tf.Tensor =>
      normaliseWith(y, given[`${layer}/mean`]!, given[`${layer}/variance`]!, scale, offset);
    const observe = (layer: string, activation: tf.Tensor): void => void (outputs[layer] = activation);
    const options = networkOptions(config, conditioning).discriminator;
    const labels = shownLabels(conditioning, given);
    const joined = besideImages(options, images, labels);
    const normalise = config.discriminatorNorm === 'batch' ? byStatistics : discriminatorNormalise(config);
    outputs['logits'] = discriminate(options, usedDiscriminator(state), joined, normalise, {
      labels,
      observe,
    });
    return outputs;
  },
  freezeDiscriminator: (config, state, statistics, conditioning = null) =>
    foldDiscriminator(networkOptions(config, conditioning).discriminator, state, statistics),
  windowsTo(config, layer) {
    const { kernel, attention } = config;
    const block = Number(/\d+$/.exec(layer)![0]);
    if (attention !== null && shorterSide(imageShape(config)) / 2 ** block < attention) return null;
    // TensorFlow's 'same' padding; an odd pixel of it is at the end.
    const window = { kernel, stride: 2, before: Math.floor((kernel - 2) / 2) };
    return new Array<typeof window>(block).fill(window);
  },
  kernels: { seeing: 'discriminator/block1/kernel', drawing: 'generator/image/kernel' },
};
