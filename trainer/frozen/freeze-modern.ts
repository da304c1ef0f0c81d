// R3GAN's networks for inference: there is no norm to fold, so the parameters are the state's own; images are clipped to [-1, 1].
import { stateEntry } from './state-entry.ts';
import * as tf from '@tensorflow/tfjs-core';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import type { TrainConfig } from '../config/fields.ts';
import type { NamedHostTensors, NamedTensors } from '../engine/engine.ts';
import {
  discriminateModern,
  modernDiscriminatorParameters,
  type ModernDiscriminatorOptions,
} from '../networks/modern-discriminator.ts';
import {
  generateModern,
  modernGeneratorParameters,
  type ModernGenerateOptions,
} from '../networks/modern-generator.ts';
import { besideImages } from '../networks/label-maps.ts';
import { networkOptions } from '../networks/options.ts';
import { sampledPrefix } from '../networks/state.ts';
import type { FrozenDiscriminator, FrozenDiscriminatorOptions, FrozenGenerator } from './frozen-networks.ts';

/** The generator with the weights for samples (EMA, if the run keeps one). Throws RangeError for a state that lacks an entry. */
export function freezeModernGenerator(
  config: TrainConfig,
  state: NamedHostTensors,
  conditioning: Conditioning = null,
): FrozenGenerator {
  const { generator: options } = networkOptions(config, conditioning);
  const draw = (weights: NamedTensors, z: tf.Tensor, asked?: ModernGenerateOptions): tf.Tensor =>
    tf.clipByValue(generateModern(options, weights, z, asked), -1, 1);
  return {
    parameters: entriesOf(state, Object.keys(modernGeneratorParameters(options)), (name) =>
      name.replace(/^generator\//, sampledPrefix(config)),
    ),
    generate: (weights, z) => draw(weights, z),
    layers(weights, z, alter) {
      const seen: Record<string, tf.Tensor> = {};
      const observe = (layer: string, activation: tf.Tensor): void => void (seen[layer] = activation);
      const images = draw(weights, z, { observe, ...(alter && { alter }) });
      return { ...seen, images };
    },
  };
}

/** The discriminator. Throws RangeError for a state that lacks an entry. */
export function freezeModernDiscriminator(
  config: TrainConfig,
  state: NamedHostTensors,
  conditioning: Conditioning,
): FrozenDiscriminator {
  const { discriminator: options } = networkOptions(config, conditioning);
  return {
    parameters: entriesOf(state, Object.keys(modernDiscriminatorParameters(options))),
    layers: (parameters, images, asked) => modernDiscriminatorOutputs(options, parameters, images, asked),
  };
}

/** The result of each size's blocks by layer name, and `logits` [n]. */
export function modernDiscriminatorOutputs(
  options: ModernDiscriminatorOptions,
  parameters: NamedTensors,
  images: tf.Tensor,
  { labels = null, rectify }: FrozenDiscriminatorOptions = {},
): NamedTensors {
  const seen: Record<string, tf.Tensor> = {};
  const observe = (layer: string, activation: tf.Tensor): void => void (seen[layer] = activation);
  const joined = besideImages(options, images, labels);
  const { logits } = discriminateModern(options, parameters, joined, {
    labels,
    observe,
    ...(rectify && { rectify }),
  });
  return { ...seen, logits };
}

function entriesOf(
  state: NamedHostTensors,
  names: readonly string[],
  stateName: (name: string) => string = (name) => name,
): NamedHostTensors {
  return Object.fromEntries(names.map((name) => [name, stateEntry(state, stateName(name))]));
}
