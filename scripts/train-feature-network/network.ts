// The embedded feature network: four strided convolutions, whose pooled activations are the features, and a linear head for the
// training tasks. It is small enough to ship, and trained only on avatars and Fashion-MNIST.
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors } from '../../trainer/engine/engine.ts';
import type { ParameterSpecs } from '../../trainer/networks/network.ts';

/** Side of its input, in pixels. */
export const inputSize = 64;
const kernel = 4;
const widths = [24, 48, 96, 128] as const;
/** Blocks whose pooled activations are features; the first is too close to the pixels. */
const pooledBlocks = [2, 3, 4] as const;
/** Number of features per image. */
export const featureCount = pooledBlocks.reduce((sum, block) => sum + widths[block - 1]!, 0);

/** Shapes and initial distributions (He 2015); the head has `outputs` outputs. */
export function networkParameters(outputs: number): ParameterSpecs {
  const specs: Record<string, ParameterSpecs[string]> = {};
  let from = 3;
  widths.forEach((to, i) => {
    specs[`block${i + 1}/kernel`] = {
      shape: [kernel, kernel, from, to],
      initial: { mean: 0, deviation: Math.sqrt(2 / (kernel * kernel * from)) },
    };
    specs[`block${i + 1}/bias`] = { shape: [to], initial: { mean: 0, deviation: 0 } };
    from = to;
  });
  const flat = 16 * from;
  specs['head/kernel'] = { shape: [flat, outputs], initial: { mean: 0, deviation: Math.sqrt(1 / flat) } };
  specs['head/bias'] = { shape: [outputs], initial: { mean: 0, deviation: 0 } };
  return specs;
}

/**
 * Images [n, 64, 64, 3] in [-1, 1] → `features` [n, 272], `logits` [n, outputs] if the parameters include the head, `block1` …
 * `block4` [n, h, w, channels].
 */
export function runNetwork(parameters: NamedTensors, images: tf.Tensor): Readonly<Record<string, tf.Tensor>> {
  const outputs: Record<string, tf.Tensor> = {};
  let x = images as tf.Tensor4D;
  widths.forEach((_, i) => {
    const name = `block${i + 1}`;
    const y = tf.conv2d(x, parameters[`${name}/kernel`] as tf.Tensor4D, 2, 'same');
    x = tf.leakyRelu(tf.add(y, parameters[`${name}/bias`]!), 0.2) as tf.Tensor4D;
    outputs[name] = x;
  });
  const head = parameters['head/kernel'];
  if (head !== undefined) {
    const flat = tf.reshape(x, [images.shape[0]!, -1]) as tf.Tensor2D;
    outputs['logits'] = tf.add(tf.matMul(flat, head as tf.Tensor2D), parameters['head/bias']!);
  }
  outputs['features'] = tf.concat(
    pooledBlocks.map((block) => tf.mean(outputs[`block${block}`]!, [1, 2])),
    1,
  );
  return outputs;
}
