// StyleGAN's networks in training (Karras 2018): each step adds fresh noise in every layer and mixes the styles of two latents
// from a random layer on; training starts with small images. Samples share one fixed noise. The state keeps the mean style, the
// target of truncation.
import * as tf from '@tensorflow/tfjs-core';
import { conditionAmong } from '../../../runtime-web/format/condition.ts';
import type { Conditioning } from '../../../runtime-web/format/model.ts';
import type { Random } from '../../../runtime-web/format/random.ts';
import { joinCondition } from '../conditioning.ts';
import type { TrainConfig } from '../../config/fields.ts';
import { imageShape } from '../../config/image-size.ts';
import type { NamedTensors } from '../../engine/engine.ts';
import {
  fadeInFactor,
  growthName,
  growthPhases,
  levelOf,
  phaseAt,
  type Stage,
} from '../../networks/growth.ts';
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
import { filled, type HostTensor, type TensorSpec } from '../../graph/trace/graph.ts';
import { sizeText } from '../../../runtime-web/format/image-shape.ts';
import { type Architecture } from './architecture.ts';

/** Inputs of a step. */
const inputNames = {
  /** Resolution and fade-in factor, [2]; see {@link growthName}. */
  growth: 'growth',
  /** The second latent of mixed styles, [b, latent]. */
  z: 'style/z',
  /** 1 for layers with the first latent's style, 0 for layers with the second's: [b, layers]. */
  first: 'style/first',
  noise: (layer: string): string => `style/noise/${layer}`,
};

/** Minimum number of latents for the mean style. */
const statisticsCount = 4096;

/** The networks of a configuration at one stage. */
export function styleArchitecture(
  config: TrainConfig,
  conditioning: Conditioning,
  stage: Stage,
): Architecture {
  const { batch, latent, mixing } = config;
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
  const isMixed = mixing > 0;
  const fadeInOf = (growth: tf.Tensor): tf.Tensor => tf.reshape(tf.slice(growth, [1], [1]), []);

  /** The averaged generator's parameters that this stage uses, prepared (`equalised.ts`). */
  const averaged = (state: NamedTensors): NamedTensors => {
    const all = below(state, sampledPrefix(config), 'generator/');
    return prepared(generator, Object.fromEntries(used.map((name) => [name, all[name]!])));
  };

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

    inputs: {
      [inputNames.growth]: float(2),
      ...(isMixed && {
        [inputNames.z]: float(batch, latent),
        [inputNames.first]: float(batch, layers.length),
      }),
      ...Object.fromEntries(
        layers.map(({ name, size: { width, height } }) => [
          inputNames.noise(name),
          float(batch, height, width, 1),
        ]),
      ),
    },
    drawInputs(random, stepNumber) {
      const fadeIn = fadeInFactor(phaseAt(config, stepNumber), stepNumber);
      const inputs: Record<string, HostTensor> = {
        [inputNames.growth]: { ...float(2), data: Float32Array.of(stage.resolution, fadeIn) },
      };
      if (isMixed) {
        const z = random.fillLatent(new Float32Array(batch * latent), config.latentDistribution);
        inputs[inputNames.z] = { ...float(batch, latent), data: z };
        inputs[inputNames.first] = drawMixing(random, batch, layers.length, mixing);
      }
      for (const { name, size } of layers) {
        const { width, height } = size;
        const data = random.fillLatent(new Float32Array(batch * height * width), 'normal');
        inputs[inputNames.noise(name)] = { ...float(batch, height, width, 1), data };
      }
      return inputs;
    },
    updateAt: (stepNumber) => stepNumber - (phase?.resetAt ?? 1) + 1,
    realImages(inputs) {
      let images = inputs['real']!;
      while (images.shape[1]! > size.height) images = downsample(images);
      if (!stage.isFading) return images;
      const coarse = upsample(downsample(images));
      return tf.add(coarse, tf.mul(tf.sub(images, coarse), fadeInOf(inputs[inputNames.growth]!)));
    },
    generate(parameters, z, inputs) {
      const ready = prepared(generator, parameters);
      const first = mapLatents(options, ready, z);
      const mixed = (): ((index: number) => tf.Tensor) => {
        const second = mapLatents(
          options,
          ready,
          joinCondition(inputs[inputNames.z]!, conditionAmong(inputs)),
        );
        return (index) => {
          const isFirst = tf.slice(inputs[inputNames.first]!, [0, index], [batch, 1]);
          return tf.add(second, tf.mul(tf.sub(first, second), isFirst));
        };
      };
      return synthesise(options, ready, {
        stage,
        style: isMixed ? mixed() : () => first,
        noise: (layer) => inputs[inputNames.noise(layer)]!,
        fadeIn: fadeInOf(inputs[inputNames.growth]!),
      });
    },
    discriminate(parameters, { images, labels, inputs }) {
      return discriminateByStyle(networks.discriminator, prepared(discriminator, parameters), images, {
        stage,
        fadeIn: fadeInOf(inputs[inputNames.growth]!),
        labels,
      });
    },

    initialStatistics(random) {
      const entries: Record<string, HostTensor> = {
        [meanStyleName]: filled([options.latent], 0),
        [growthName]: { ...float(2), data: Float32Array.of(growthPhases(config)[0]!.resolution, 1) },
      };
      for (const { name, size } of styleLayers(options)) {
        const { width, height } = size;
        const data = random.fillLatent(new Float32Array(height * width), 'normal');
        entries[noiseName(name)] = { ...float(1, height, width, 1), data };
      }
      return entries;
    },
    bookkeeping: (inputs) => ({ [growthName]: tf.clone(inputs[inputNames.growth]!) }),
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
    map: (state, z) => mapLatents(options, averaged(state), z),
    statistics: {
      latents: statisticsCount,
      measure: (state, z) => ({ [meanStyleName]: tf.mean(mapLatents(options, averaged(state), z), 0) }),
      gather() {
        const sum = new Float64Array(options.latent);
        let batches = 0;
        return {
          add(outputs) {
            batches += 1;
            (outputs[meanStyleName]!.data as Float32Array).forEach((value, i) => (sum[i]! += value));
          },
          get all() {
            const data = Float32Array.from(sum, (value) => value / batches);
            return { [meanStyleName]: { ...float(options.latent), data } };
          },
        };
      },
    },
  };
}

const noNorm: Normalise<tf.Tensor> = (_, x, scale, offset) => tf.add(tf.mul(x, scale), offset);

function float(...shape: number[]): TensorSpec {
  return { shape, dtype: 'float32' };
}

/**
 * Mixing regularisation (Karras 2018, section 3.1): with probability `rate` an image takes the second latent's style from a
 * random layer on. Returns [count, layers], 1 for layers with the first latent's style.
 */
function drawMixing(random: Random, count: number, layers: number, rate: number): HostTensor {
  const data = new Float32Array(count * layers).fill(1);
  for (let i = 0; i < count; i++) {
    const isMixed = random.uniform() < rate;
    const from = 1 + Math.floor(random.uniform() * (layers - 1));
    if (isMixed) data.fill(0, i * layers + from, (i + 1) * layers);
  }
  return { ...float(count, layers), data };
}
