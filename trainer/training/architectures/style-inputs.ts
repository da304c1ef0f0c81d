// The parts that all style-based networks have in training: fresh noise in every layer, styles of two latents mixed from a random layer on
// (Karras 2018, section 3.1), one fixed noise in samples, and the mean style, the target of truncation.
import * as tf from '@tensorflow/tfjs-core';
import { conditionAmong } from '../../../runtime-web/format/condition.ts';
import type { Random } from '../../../runtime-web/format/random.ts';
import type { TrainConfig } from '../../config/fields.ts';
import type { NamedTensors } from '../../engine/engine.ts';
import type { HostTensor, TensorSpec } from '../../graph/trace/graph.ts';
import { meanStyleName, noiseName, type StyleLayer } from '../../networks/style-generator.ts';
import { joinCondition } from '../conditioning.ts';
import type { Architecture } from './architecture.ts';

/** Names of a step's inputs. */
export const styleInputNames = {
  /** The second latent of mixed styles, [b, latent]. */
  z: 'style/z',
  /** 1 for styles of the first latent, 0 for styles of the second: [b, styles]. */
  first: 'style/first',
  noise: (layer: string): string => `style/noise/${layer}`,
};

/** Minimum number of latents for the mean style. */
const statisticsCount = 4096;

/** The layers with noise, and the number of styles. */
interface Styled {
  readonly config: TrainConfig;
  readonly layers: readonly Pick<StyleLayer, 'name' | 'size'>[];
  readonly styles: number;
}

/** Shapes of the inputs of a step. */
export function styleInputs({ config, layers, styles }: Styled): Record<string, TensorSpec> {
  const { batch, latent, mixing } = config;
  return {
    ...(mixing > 0 && {
      [styleInputNames.z]: float(batch, latent),
      [styleInputNames.first]: float(batch, styles),
    }),
    ...Object.fromEntries(
      layers.map(({ name, size: { width, height } }) => [
        styleInputNames.noise(name),
        float(batch, height, width, 1),
      ]),
    ),
  };
}

/** Random values of these inputs: the second latent, the mixing, and the noise of each layer. */
export function drawStyleInputs(
  random: Random,
  { config, layers, styles }: Styled,
): Record<string, HostTensor> {
  const { batch, latent, mixing } = config;
  const inputs: Record<string, HostTensor> = {};
  if (mixing > 0) {
    const z = random.fillLatent(new Float32Array(batch * latent), config.latentDistribution);
    inputs[styleInputNames.z] = { ...float(batch, latent), data: z };
    inputs[styleInputNames.first] = drawMixing(random, batch, styles, mixing);
  }
  for (const { name, size } of layers) {
    inputs[styleInputNames.noise(name)] = drawNoise(random, batch, size.height, size.width, 1);
  }
  return inputs;
}

/** The style [b, latent] of each index: of `z`, and with mixing of the second latent from some index on. */
export function stylesOf(
  mapped: (z: tf.Tensor) => tf.Tensor,
  z: tf.Tensor,
  inputs: NamedTensors,
): (index: number) => tf.Tensor {
  const first = mapped(z);
  if (inputs[styleInputNames.first] === undefined) return () => first;
  const second = mapped(joinCondition(inputs[styleInputNames.z]!, conditionAmong(inputs)));
  return (index) => {
    const isFirst = tf.slice(inputs[styleInputNames.first]!, [0, index], [z.shape[0]!, 1]);
    return tf.add(second, tf.mul(tf.sub(first, second), isFirst));
  };
}

/** The state's fixed noise of each layer. */
export function fixedNoise(random: Random, layers: Styled['layers']): Record<string, HostTensor> {
  return Object.fromEntries(
    layers.map(({ name, size }) => [noiseName(name), drawNoise(random, 1, size.height, size.width, 1)]),
  );
}

/** Measures the mean style [dim] of the averaged generator, whose mapping is `map`. */
export function meanStyle(
  dim: number,
  map: (state: NamedTensors, z: tf.Tensor) => tf.Tensor,
): Architecture['statistics'] {
  return {
    latents: statisticsCount,
    measure: (state, z) => ({ [meanStyleName]: tf.mean(map(state, z), 0) }),
    gather() {
      const sum = new Float64Array(dim);
      let batches = 0;
      return {
        add(outputs) {
          batches += 1;
          (outputs[meanStyleName]!.data as Float32Array).forEach((value, i) => (sum[i]! += value));
        },
        get all() {
          const data = Float32Array.from(sum, (value) => value / batches);
          return { [meanStyleName]: { ...float(dim), data } };
        },
      };
    },
  };
}

/** Standard normal numbers. */
export function drawNoise(random: Random, ...shape: [number, number, number, number]): HostTensor {
  const size = shape.reduce((product, side) => product * side, 1);
  return { ...float(...shape), data: random.fillLatent(new Float32Array(size), 'normal') };
}

/** The shape of a tensor of floats. */
export function float(...shape: number[]): TensorSpec {
  return { shape, dtype: 'float32' };
}

/**
 * Mixing regularisation: with probability `rate` an image takes the second latent's style from a random index on. Returns
 * [count, styles], 1 for styles of the first latent.
 */
function drawMixing(random: Random, count: number, styles: number, rate: number): HostTensor {
  const data = new Float32Array(count * styles).fill(1);
  for (let i = 0; i < count; i++) {
    const isMixed = random.uniform() < rate;
    const from = 1 + Math.floor(random.uniform() * (styles - 1));
    if (isMixed) data.fill(0, i * styles + from, (i + 1) * styles);
  }
  return { ...float(count, styles), data };
}
