// The networks for points in the plane: dense layers with ReLU, two hidden ones of 128 each, as in the unrolled paper (Metz 2017,
// appendix A), whose initial weights are orthogonal with gain 0.8.
import * as tf from '@tensorflow/tfjs-core';
import type { StateEntry } from '../../runtime-web/format/training/initial-state.ts';
import type { NamedTensors } from '../engine/engine.ts';
import { parameter } from './network.ts';

const [hidden, gain, layers] = [128, 0.8, 3];

/** The parameters of both networks, as entries of a state. */
export function planeEntries(latent: number): readonly StateEntry[] {
  return [...entriesOf('generator', latent, 2), ...entriesOf('discriminator', 2, 1)];
}

function entriesOf(network: string, from: number, to: number): readonly StateEntry[] {
  const widths = [from, hidden, hidden, to];
  return widths.slice(1).flatMap((width, i): StateEntry[] => [
    {
      name: `${network}/layer${i + 1}/kernel`,
      shape: [widths[i]!, width],
      initial: { kind: 'orthogonal', gain },
    },
    { name: `${network}/layer${i + 1}/bias`, shape: [width], initial: { kind: 'constant', value: 0 } },
  ]);
}

/** z [b, latent] → points [b, 2]. */
export function generatePoints(parameters: NamedTensors, z: tf.Tensor): tf.Tensor {
  return dense('generator', parameters, z);
}

/** Points [b, 2] → logits [b]. */
export function judgePoints(parameters: NamedTensors, points: tf.Tensor): tf.Tensor {
  return tf.reshape(dense('discriminator', parameters, points), [-1]);
}

function dense(network: string, parameters: NamedTensors, x: tf.Tensor): tf.Tensor {
  for (let i = 1; i <= layers; i++) {
    const kernel = parameter(parameters, `${network}/layer${i}/kernel`) as tf.Tensor2D;
    x = tf.add(tf.matMul(x as tf.Tensor2D, kernel), parameter(parameters, `${network}/layer${i}/bias`));
    if (i < layers) x = tf.relu(x);
  }
  return x;
}
