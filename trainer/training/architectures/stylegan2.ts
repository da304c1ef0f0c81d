// StyleGAN2's networks in training (Karras 2019): noise and mixed styles as StyleGAN's, no growing, and path length regularisation on
// half of each batch (appendix B). The state keeps the mean style and the running mean of path lengths.
import * as tf from '@tensorflow/tfjs-core';
import type { Conditioning } from '../../../runtime-web/format/model.ts';
import type { TrainConfig } from '../../config/fields.ts';
import { imageShape } from '../../config/image-size.ts';
import { levels } from '../../config/stages.ts';
import type { NamedTensors } from '../../engine/engine.ts';
import { prepared } from '../../networks/equalised.ts';
import { mapLatents } from '../../networks/mapping.ts';
import {
  modulatedGeneratorParameters,
  modulatedLayers,
  modulatedSides,
  summariseModulatedGenerator,
  synthesiseModulated,
} from '../../networks/modulated-generator.ts';
import { networkOptions } from '../../networks/options.ts';
import {
  discriminateResidually,
  residualDiscriminatorParameters,
  summariseResidualDiscriminator,
} from '../../networks/residual-discriminator.ts';
import { below, sampledPrefix } from '../../networks/state.ts';
import { layersAt } from '../../networks/style-discriminator.ts';
import { meanStyleName, noiseName, styleWidth } from '../../networks/style-generator.ts';
import { pathLength } from '../../objectives/path-length.ts';
import { type Architecture } from './architecture.ts';
import { fixedNoise, meanStyle, styleDraws, styleInputNames, stylesOf } from './style-inputs.ts';

/** The state's running mean of path lengths, a scalar. */
export const pathMeanName = 'statistics/style/path-length';

/** The step's input of noise for path lengths, [half a batch, height, width, channels]; zero in steps without the penalty. */
const pathNoise = 'style/path-noise';

/** The networks of a configuration. */
export function stylegan2Architecture(config: TrainConfig, conditioning: Conditioning): Architecture {
  const { batch, pathLength: weight, pathLengthEvery } = config;
  const networks = networkOptions(config, conditioning);
  const options = networks.generator;
  const generator = modulatedGeneratorParameters(options);
  const discriminator = residualDiscriminatorParameters(networks.discriminator);
  const layers = modulatedLayers(options);
  const styled = { config, layers, styles: modulatedSides(options).length };
  const { width, height, channels } = imageShape(config);
  const half = Math.max(1, Math.floor(batch / 2));

  /** The averaged generator's parameters, prepared (`equalised.ts`). */
  const averaged = (state: NamedTensors): NamedTensors =>
    prepared(generator, below(state, sampledPrefix(config), 'generator/'));
  const mapAveraged = (state: NamedTensors, z: tf.Tensor): tf.Tensor =>
    mapLatents(options, averaged(state), z);

  return {
    generator,
    discriminator,
    summarise: () => ({
      generator: summariseModulatedGenerator(options),
      discriminator: summariseResidualDiscriminator(networks.discriminator),
    }),
    trained: { generator: Object.keys(generator), discriminator: Object.keys(discriminator) },
    layersOfD: levels(options)
      .toReversed()
      .map((level) => Object.keys(discriminator).filter((name) => name.startsWith(`${layersAt(level)}/`))),
    size: { width, height },
    dropped: [],
    lastWidth: styleWidth(options, levels(options)[0]!),
    normaliseD: (_, x, scale, offset) => tf.add(tf.mul(x, scale), offset),

    draws: [
      ...styleDraws(styled),
      ...(weight > 0
        ? [
            {
              kind: 'normal',
              every: pathLengthEvery,
              inputs: { [pathNoise]: [half, height, width, channels] },
            } as const,
          ]
        : []),
    ],
    updateAt: (stepNumber) => stepNumber,
    realImages: (inputs) => inputs['real']!,
    generate(parameters, z, inputs) {
      const ready = prepared(generator, parameters);
      return synthesiseModulated(options, ready, {
        style: stylesOf((latents) => mapLatents(options, ready, latents), z, inputs),
        noise: (layer) => inputs[styleInputNames.noise(layer)]!,
      });
    },
    discriminate: (parameters, { images, labels }) =>
      discriminateResidually(networks.discriminator, prepared(discriminator, parameters), images, labels),
    penaltyOfG(parameters, state, z, inputs) {
      const ready = prepared(generator, parameters);
      const firstHalf = (tensor: tf.Tensor): tf.Tensor =>
        tf.slice(tensor, 0, Math.min(half, tensor.shape[0]!));
      const style = stylesOf((latents) => mapLatents(options, ready, latents), z, inputs);
      const styles = tf.stack(
        Array.from({ length: styled.styles }, (_, index) => firstHalf(style(index))),
        1,
      ); // [b/2, styles, dim]
      const ofStyles = (given: tf.Tensor): tf.Tensor =>
        synthesiseModulated(options, ready, {
          style: (index) =>
            tf.reshape(tf.slice(given, [0, index, 0], [half, 1, options.latent]), [half, options.latent]),
          noise: (layer) => firstHalf(inputs[styleInputNames.noise(layer)]!),
        });
      const { penalty, mean } = pathLength(ofStyles, styles, inputs[pathNoise]!, state[pathMeanName]!);
      return { penalty, next: { [pathMeanName]: mean } };
    },

    statisticsEntries: [
      { name: meanStyleName, shape: [options.latent], initial: { kind: 'constant', value: 0 } },
      { name: pathMeanName, shape: [], initial: { kind: 'constant', value: 0 } },
      ...fixedNoise(layers),
    ],
    bookkeeping: () => ({}),
    sample(state, z) {
      const parameters = averaged(state);
      const w = mapLatents(options, parameters, z);
      const images = synthesiseModulated(options, parameters, {
        style: () => w,
        noise: (layer) => state[noiseName(layer)]!,
      });
      return tf.clipByValue(images, -1, 1);
    },
    map: mapAveraged,
    statistics: meanStyle(mapAveraged),
  };
}
