// Folds batch norm into the layer before it. With fixed statistics batch norm is a factor and a shift per channel, so
// (K∗x - mean)·scale/√(variance + ε) + offset is one convolution with a scaled kernel and a bias. Factors are computed in double
// precision and rounded once.
import * as tf from '@tensorflow/tfjs-core';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import type { TrainConfig } from '../config/fields.ts';
import type { NamedHostTensors, NamedTensors } from '../engine/engine.ts';
import { defaultEpsilon } from '../networks/batch-norm.ts';
import {
  discriminate,
  discriminatorBlocks,
  discriminatorNormalise,
  discriminatorParameters,
  type DiscriminatorOptions,
} from '../networks/discriminator.ts';
import {
  generate,
  generatorParameters,
  normalisedLayers,
  type GeneratorOptions,
} from '../networks/generator.ts';
import { statisticNames } from '../networks/statistic-names.ts';
import { besideImages } from '../networks/label-maps.ts';
import { outputAxisOf, type Normalise, type ParameterSpec } from '../networks/network.ts';
import { networkOptions } from '../networks/options.ts';
import { normalisedOnHost, vectorName } from '../networks/spectral-norm.ts';
import { sampledPrefix } from '../networks/state.ts';
import { stateEntry } from './state-entry.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import type { Alteration, FrozenDiscriminator, FrozenGenerator } from './frozen-networks.ts';

/**
 * The generator with the weights for samples (EMA, if the run keeps one) and its batch norm folded with the state's
 * statistics: kernels under their own names, and `LAYER/bias` [channels]. Throws RangeError for a state that lacks an entry.
 */
export function foldGenerator(
  config: TrainConfig,
  state: NamedHostTensors,
  conditioning: Conditioning = null,
): FrozenGenerator {
  const { generator: options } = networkOptions(config, conditioning);
  const prefix = sampledPrefix(config);
  const entry = (name: string): HostTensor => stateEntry(state, name);
  const weight = (name: string): HostTensor => {
    const tensor = entry(name.replace(/^generator\//, prefix));
    const vector = state[vectorName(name)];
    return vector === undefined ? tensor : normalisedOnHost(tensor, vector);
  };

  const layers = normalisedLayers(options);
  const isFolded = new Set(
    layers.flatMap(({ name }) => ['kernel', 'scale', 'offset'].map((part) => `${name}/${part}`)),
  );
  const parameters: Record<string, HostTensor> = {};
  const specs = generatorParameters(options);
  for (const name of Object.keys(specs)) {
    if (!isFolded.has(name)) parameters[name] = weight(name);
  }
  for (const { name } of layers) {
    Object.assign(
      parameters,
      foldedLayer(name, weight(`${name}/kernel`), channelStride(specs[`${name}/kernel`]!), (part) =>
        part === 'mean' || part === 'variance'
          ? entry(statisticNames[part](name))
          : weight(`${name}/${part}`),
      ),
    );
  }
  return {
    parameters,
    generate: (weights, z) => generateFolded(options, weights, z),
    layers(weights, z, alter) {
      const seen: Record<string, tf.Tensor> = {};
      const observe = (layer: string, activation: tf.Tensor): void => void (seen[layer] = activation);
      const images = generateFolded(options, weights, z, observe, alter);
      return { ...seen, images };
    },
  };
}

/**
 * D with its batch norm folded with statistics of real images, `LAYER/mean` and `LAYER/variance` [channels]. Layer norm stays,
 * because its statistics are each image's own. Throws RangeError for a state or statistics that lack an entry.
 */
export function foldDiscriminator(
  options: DiscriminatorOptions,
  state: NamedHostTensors,
  statistics: NamedHostTensors,
): FrozenDiscriminator {
  const entry = (name: string): HostTensor => {
    const tensor = state[name] ?? statistics[name];
    if (tensor === undefined) throw new RangeError(`neither the state nor the statistics have '${name}'`);
    const vector = state[vectorName(name)];
    return vector === undefined ? tensor : normalisedOnHost(tensor, vector);
  };
  const blocks = discriminatorBlocks(options);
  const isFolded = options.discriminatorNorm === 'batch';
  const parameters: Record<string, HostTensor> = Object.fromEntries(
    Object.keys(discriminatorParameters(options)).map((name) => [name, entry(name)]),
  );
  for (const { name, isNormalised } of blocks) {
    if (!isNormalised || !isFolded) continue;
    const folded = foldedLayer(name, parameters[`${name}/kernel`]!, 1, (part) => entry(`${name}/${part}`));
    for (const part of ['scale', 'offset']) Reflect.deleteProperty(parameters, `${name}/${part}`);
    Object.assign(parameters, folded);
  }
  return {
    parameters,
    layers(given, images, { labels = null, rectify } = {}) {
      const named: Record<string, tf.Tensor> = { ...given };
      for (const { name, isNormalised } of blocks) {
        if (isNormalised && isFolded)
          named[`${name}/scale`] = named[`${name}/offset`] = given[`${name}/bias`]!;
      }
      const seen: Record<string, tf.Tensor> = {};
      const byBias: Normalise<tf.Tensor> = (_, x, __, bias) => tf.add(x, bias);
      const normalise = isFolded ? byBias : discriminatorNormalise(options);
      const observe = (layer: string, activation: tf.Tensor): void => void (seen[layer] = activation);
      const logits = discriminate(options, named, besideImages(options, images, labels), normalise, {
        labels,
        observe,
        ...(rectify && { rectify }),
      });
      return { ...seen, logits };
    },
  };
}

/** `LAYER/kernel` and `LAYER/bias` of a layer with its batch norm folded; `stride` of the kernel's axis of output channels. */
function foldedLayer(
  name: string,
  kernel: HostTensor,
  stride: number,
  part: (name: 'scale' | 'offset' | 'mean' | 'variance') => HostTensor,
): NamedHostTensors {
  const [scale, offset, mean, variance] = (['scale', 'offset', 'mean', 'variance'] as const).map(
    (which) => part(which).data,
  );
  const factors = Float64Array.from(scale!, (s, c) => s / Math.sqrt(variance![c]! + defaultEpsilon));
  const bias = Float32Array.from(offset!, (shift, c) => shift - mean![c]! * factors[c]!);
  return {
    [`${name}/kernel`]: scaled(kernel, factors, stride),
    [`${name}/bias`]: { shape: [bias.length], dtype: 'float32', data: bias },
  };
}

/** The same architecture with a bias in place of batch norm. */
function generateFolded(
  options: GeneratorOptions,
  parameters: NamedTensors,
  z: tf.Tensor,
  observe?: (layer: string, activation: tf.Tensor) => void,
  alter?: Alteration,
): tf.Tensor {
  const named: Record<string, tf.Tensor> = { ...parameters };
  // The architecture looks up a scale and an offset of each layer; the scale is already folded into the kernel.
  for (const { name } of normalisedLayers(options)) {
    const bias = parameters[`${name}/bias`]!;
    named[`${name}/scale`] = bias;
    named[`${name}/offset`] = bias;
  }
  return generate(options, named, z, (_, x, __, bias) => tf.add(x, bias), observe, alter);
}

/** Stride of a kernel's axis of output channels, row-major. The outputs of a dense projection end with the channels, [4·4·out]. */
function channelStride(spec: ParameterSpec): number {
  return spec.shape.slice(outputAxisOf(spec) + 1).reduce((stride, side) => stride * side, 1);
}

/** A kernel whose output channels are multiplied by `factors`. */
function scaled(kernel: HostTensor, factors: Float64Array, stride: number): HostTensor {
  const data = Float32Array.from(
    kernel.data as Float32Array,
    (value, i) => value * factors[Math.floor(i / stride) % factors.length]!,
  );
  return { ...kernel, data };
}
