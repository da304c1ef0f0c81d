// R3GAN's networks for inference: there is no norm to fold, so the parameters are the state's own; images are clipped to [-1, 1].
import { stateEntry } from './state-entry.ts';
import * as tf from '@tensorflow/tfjs-core';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import type { TrainConfig } from '../config/fields.ts';
import type { NamedHostTensors, NamedTensors } from '../engine/engine.ts';
import {
  discriminateModern,
  modernDiscriminatorParameters,
  type ModernDiscriminateOptions,
} from '../networks/modern-discriminator.ts';
import {
  generateModern,
  modernGeneratorParameters,
  type ModernGenerateOptions,
} from '../networks/modern-generator.ts';
import { networkOptions } from '../networks/options.ts';
import { sampledPrefix } from '../networks/state.ts';
import type { FrozenDiscriminator, FrozenGenerator } from './frozen-networks.ts';

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

/** The discriminator of a run without labels. Throws RangeError for a state that lacks an entry. */
export function freezeModernDiscriminator(config: TrainConfig, state: NamedHostTensors): FrozenDiscriminator {
  const { discriminator: options } = networkOptions(config, null);
  return {
    parameters: entriesOf(state, Object.keys(modernDiscriminatorParameters(options))),
    layers: (parameters, images, rectify) =>
      modernDiscriminatorOutputs(config, parameters, images, rectify && { rectify }),
  };
}

/** The result of each size's blocks by layer name, and `logits` [n]. */
export function modernDiscriminatorOutputs(
  config: TrainConfig,
  parameters: NamedTensors,
  images: tf.Tensor,
  options: Pick<ModernDiscriminateOptions, 'rectify'> = {},
): NamedTensors {
  const seen: Record<string, tf.Tensor> = {};
  const observe = (layer: string, activation: tf.Tensor): void => void (seen[layer] = activation);
  const { discriminator } = networkOptions(config, null);
  const { logits } = discriminateModern(discriminator, parameters, images, { observe, ...options });
  return { ...seen, logits };
}

function entriesOf(
  state: NamedHostTensors,
  names: readonly string[],
  stateName: (name: string) => string = (name) => name,
): NamedHostTensors {
  return Object.fromEntries(names.map((name) => [name, stateEntry(state, stateName(name))]));
}
