// A style-based generator for inference: equalised weights are multiplied by their scale, each layer has fixed noise, and mapping and
// synthesis can run separately.
import { shorterSide } from '../config/stages.ts';
import * as tf from '@tensorflow/tfjs-core';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import type { TrainConfig } from '../config/fields.ts';
import type { NamedHostTensors, NamedTensors } from '../engine/engine.ts';
import { growthName, stageOf } from '../networks/growth.ts';
import { preparedName, preparedOnHost } from '../networks/equalised.ts';
import { mapLatents } from '../networks/mapping.ts';
import { networkOptions } from '../networks/options.ts';
import { sampledPrefix } from '../networks/state.ts';
import {
  meanStyleName,
  noiseName,
  styleGeneratorParameters,
  styleLayers,
  synthesise,
  usedInGenerator,
  type SynthesisOptions,
} from '../networks/style-generator.ts';
import { upsample } from '../networks/upsample.ts';
import { stateEntry } from './state-entry.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import type { Alteration, FrozenGenerator } from './frozen-networks.ts';

/** The fade-in factor, a parameter of a generator that was still growing. */
const shareName = 'generator/share';

/** The generator with the weights for samples (EMA, if the run keeps one). Throws RangeError for a state that lacks an entry. */
export function freezeStyleGenerator(
  config: TrainConfig,
  state: NamedHostTensors,
  conditioning: Conditioning = null,
): FrozenGenerator {
  const { generator: options } = networkOptions(config, conditioning);
  const entry = (name: string): HostTensor => stateEntry(state, name);
  const stage = stageOf(state, config);
  const specs = styleGeneratorParameters(options);
  const layers = styleLayers(options, stage.resolution);
  const parameters: Record<string, HostTensor> = {};
  for (const name of usedInGenerator(options, stage)) {
    const weight = entry(name.replace(/^generator\//, sampledPrefix(config)));
    parameters[preparedName(name)] = preparedOnHost(specs[name]!, weight);
  }
  for (const { name } of layers) parameters[noiseName(name)] = entry(noiseName(name));
  if (stage.isFading) {
    const share = entry(growthName).data[1]!;
    parameters[shareName] = { shape: [], dtype: 'float32', data: Float32Array.of(share) };
  }

  return frozenByStyles({
    parameters,
    dim: options.latent,
    sides: layers.map(({ size }) => shorterSide(size)),
    mean: entry(meanStyleName),
    map: (weights, z) => mapLatents(options, weights, z),
    synthesise(weights, style, asked) {
      let images = synthesise(options, weights, {
        stage,
        style,
        noise: (layer) => weights[noiseName(layer)]!,
        fadeIn: weights[shareName] ?? null,
        ...asked,
      });
      while (images.shape[1]! < options.height) images = upsample(images);
      return images;
    },
  });
}

/** The functions and facts of a style-based generator that {@link frozenByStyles} needs. */
interface FrozenHalves {
  readonly parameters: Record<string, HostTensor>;
  readonly dim: number;
  /** Resolution of each style. */
  readonly sides: readonly number[];
  readonly mean: HostTensor;
  readonly map: (weights: NamedTensors, z: tf.Tensor) => tf.Tensor;
  /** One style [n, dim] for each index → images [n, height, width, channels]. */
  readonly synthesise: (
    weights: NamedTensors,
    style: (index: number) => tf.Tensor,
    asked: Pick<SynthesisOptions, 'observe' | 'alter'>,
  ) => tf.Tensor;
}

/** A generator of two halves, its images clipped to [-1, 1]. */
export function frozenByStyles({
  parameters,
  dim,
  sides,
  mean,
  map,
  synthesise: synthesised,
}: FrozenHalves): FrozenGenerator {
  const draw = (
    weights: NamedTensors,
    style: (index: number) => tf.Tensor,
    asked: Pick<SynthesisOptions, 'observe' | 'alter'> = {},
  ): tf.Tensor => tf.clipByValue(synthesised(weights, style, asked), -1, 1);
  const fromLatents = (
    weights: NamedTensors,
    z: tf.Tensor,
    asked?: Pick<SynthesisOptions, 'observe' | 'alter'>,
  ): tf.Tensor => {
    const w = map(weights, z);
    return draw(weights, () => w, asked);
  };
  return {
    parameters,
    generate: (weights, z) => fromLatents(weights, z),
    layers(weights, z, alter?: Alteration) {
      const seen: Record<string, tf.Tensor> = {};
      const observe = (layer: string, activation: tf.Tensor): void => void (seen[layer] = activation);
      const images = fromLatents(weights, z, { observe, ...(alter && { alter }) });
      return { ...seen, images };
    },
    styles: {
      dim,
      layers: sides,
      mean: Array.from(mean.data),
      map,
      synthesise(weights, styles) {
        const n = styles.shape[0]!;
        return draw(weights, (index) => tf.reshape(tf.slice(styles, [0, index, 0], [n, 1, dim]), [n, dim]));
      },
    },
  };
}
