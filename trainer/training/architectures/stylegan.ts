// StyleGAN's networks in training (Karras 2018), which start with small images.
import * as tf from '@tensorflow/tfjs-core';
import type { Conditioning } from '../../../runtime-web/format/model.ts';
import type { TrainConfig } from '../../config/fields.ts';
import { imageShape } from '../../config/image-size.ts';
import type { NamedTensors } from '../../engine/engine.ts';
import { growthName, growthPhases, levelOf, type Stage } from '../../networks/growth.ts';
import { downsample } from '../../networks/downsample.ts';
import { networkOptions } from '../../networks/options.ts';
import { prepared } from '../../networks/equalised.ts';
import { mapLatents } from '../../networks/mapping.ts';
import type { Normalise } from '../../networks/network.ts';
import {
  discriminateByStyle,
  styleDiscriminatorParameters,
  summariseStyleDiscriminator,
  usedInDiscriminator,
} from '../../networks/style-discriminator.ts';
import {
  meanStyleName,
  noiseName,
  styleGeneratorParameters,
  styleLayers,
  styleWidth,
  summariseStyleGenerator,
  synthesise,
  usedInGenerator,
} from '../../networks/style-generator.ts';
import { levels } from '../../config/stages.ts';
import { upsample } from '../../networks/upsample.ts';
import { below, sampledPrefix } from '../../networks/state.ts';
import { sizeText } from '../../../runtime-web/format/image-shape.ts';
import { type Architecture } from './architecture.ts';
import { fixedNoise, meanStyle, styleDraws, styleInputNames, stylesOf } from './style-inputs.ts';

/** The step's input of resolution and fade-in factor, [2]; see {@link growthName}. */
export const growthInput = 'growth';

/** The networks of a configuration at one stage. */
export function styleArchitecture(
  config: TrainConfig,
  conditioning: Conditioning,
  stage: Stage,
): Architecture {
  const size = levelOf(config, stage.resolution);
  const networks = networkOptions(config, conditioning);
  const options = networks.generator;
  const generator = styleGeneratorParameters(options);
  const discriminator = styleDiscriminatorParameters(networks.discriminator);
  const layers = styleLayers(options, stage.resolution);
  const phase = growthPhases(config).find(
    ({ resolution, isFading }) => resolution === stage.resolution && isFading === stage.isFading,
  );
  const used = usedInGenerator(options, stage);
  const styled = { config, layers, styles: layers.length };
  const fadeInOf = (growth: tf.Tensor): tf.Tensor => tf.reshape(tf.slice(growth, [1], [1]), []);

  /** The averaged generator's parameters that this stage uses, prepared (`equalised.ts`). */
  const averaged = (state: NamedTensors): NamedTensors => {
    const all = below(state, sampledPrefix(config), 'generator/');
    return prepared(generator, Object.fromEntries(used.map((name) => [name, all[name]!])));
  };

  const mapAveraged = (state: NamedTensors, z: tf.Tensor): tf.Tensor =>
    mapLatents(options, averaged(state), z);

  return {
    generator,
    discriminator,
    summarise: () => ({
      generator: summariseStyleGenerator(options),
      discriminator: summariseStyleDiscriminator(networks.discriminator),
    }),
    trained: { generator: used, discriminator: usedInDiscriminator(networks.discriminator, stage) },
    layersOfD: levels(options)
      .toReversed()
      .map((level) =>
        Object.keys(discriminator).filter((name) => name.startsWith(`discriminator/${sizeText(level)}/`)),
      ),
    size,
    dropped: [],
    lastWidth: styleWidth(options, levels(options)[0]!),
    normaliseD: noNorm,

    draws: [
      {
        kind: 'growth',
        resolution: stage.resolution,
        fade:
          stage.isFading && phase !== undefined ? { firstStep: phase.firstStep, steps: phase.steps } : null,
        inputs: { [growthInput]: [2] },
      },
      ...styleDraws(styled),
    ],
    updateAt: (stepNumber) => stepNumber - (phase?.resetAt ?? 1) + 1,
    realImages(inputs) {
      let images = inputs['real']!;
      while (images.shape[1]! > size.height) images = downsample(images);
      if (!stage.isFading) return images;
      const coarse = upsample(downsample(images));
      return tf.add(coarse, tf.mul(tf.sub(images, coarse), fadeInOf(inputs[growthInput]!)));
    },
    generate(parameters, z, inputs) {
      const ready = prepared(generator, parameters);
      return synthesise(options, ready, {
        stage,
        style: stylesOf((latents) => mapLatents(options, ready, latents), z, inputs),
        noise: (layer) => inputs[styleInputNames.noise(layer)]!,
        fadeIn: fadeInOf(inputs[growthInput]!),
      });
    },
    discriminate(parameters, { images, labels, inputs }) {
      return discriminateByStyle(networks.discriminator, prepared(discriminator, parameters), images, {
        stage,
        fadeIn: fadeInOf(inputs[growthInput]!),
        labels,
      });
    },

    statisticsEntries: [
      { name: meanStyleName, shape: [options.latent], initial: { kind: 'constant', value: 0 } },
      {
        name: growthName,
        shape: [2],
        initial: { kind: 'values', values: [growthPhases(config)[0]!.resolution, 1] },
      },
      ...fixedNoise(styleLayers(options)),
    ],
    bookkeeping: (inputs) => ({ [growthName]: tf.clone(inputs[growthInput]!) }),
    sample(state, z) {
      const parameters = averaged(state);
      const w = mapLatents(options, parameters, z);
      let images = synthesise(options, parameters, {
        stage,
        style: () => w,
        noise: (layer) => state[noiseName(layer)]!,
        fadeIn: fadeInOf(state[growthName]!),
      });
      while (images.shape[1]! < imageShape(config).height) images = upsample(images);
      return tf.clipByValue(images, -1, 1);
    },
    map: mapAveraged,
    statistics: meanStyle(mapAveraged),
  };
}

const noNorm: Normalise<tf.Tensor> = (_, x, scale, offset) => tf.add(tf.mul(x, scale), offset);
