// The parts that all style-based networks have in training: fresh noise in every layer, styles of two latents mixed from a random layer on
// (Karras 2018, section 3.1), one fixed noise in samples, and the mean style, the target of truncation.
import * as tf from '@tensorflow/tfjs-core';
import { conditionAmong } from '../../../runtime-web/format/condition.ts';
import type { InputDraw } from '../../../runtime-web/format/training/draws.ts';
import type { StateEntry } from '../../../runtime-web/format/training/initial-state.ts';
import type { TrainConfig } from '../../config/fields.ts';
import type { NamedTensors } from '../../engine/engine.ts';
import { meanStyleName, noiseName, type StyleLayer } from '../../networks/style-generator.ts';
import { joinCondition } from '../conditioning.ts';
import { latentDraw } from '../latent-draw.ts';
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

/** The draws of a step: the second latent, the mixing, and the noise of each layer. */
export function styleDraws({ config, layers, styles }: Styled): readonly InputDraw[] {
  const { batch, latent, mixing } = config;
  return [
    ...(mixing > 0
      ? [
          { ...latentDraw(config), inputs: { [styleInputNames.z]: [batch, latent] } },
          { kind: 'mixing', rate: mixing, inputs: { [styleInputNames.first]: [batch, styles] } } as const,
        ]
      : []),
    {
      kind: 'normal',
      inputs: Object.fromEntries(
        layers.map(({ name, size: { width, height } }) => [
          styleInputNames.noise(name),
          [batch, height, width, 1],
        ]),
      ),
    },
  ];
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
export function fixedNoise(layers: Styled['layers']): readonly StateEntry[] {
  return layers.map(({ name, size: { width, height } }) => ({
    name: noiseName(name),
    shape: [1, height, width, 1],
    initial: { kind: 'normal', mean: 0, deviation: 1 },
  }));
}

/** Measures the mean style [dim] of the averaged generator, whose mapping is `map`. */
export function meanStyle(map: (state: NamedTensors, z: tf.Tensor) => tf.Tensor): Architecture['statistics'] {
  return {
    latents: statisticsCount,
    measure: (state, z) => ({ [meanStyleName]: tf.mean(map(state, z), 0) }),
    names: { means: [meanStyleName], moments: [] },
  };
}
