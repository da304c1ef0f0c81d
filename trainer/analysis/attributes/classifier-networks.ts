// The networks that predict attributes. They look at an image in different ways, so that what deceives one need not deceive the
// other: the first halves it with strided 4x4 convolutions, the second takes patches in large steps and has residual blocks.
import { type ImageShape } from '../../../runtime-web/format/image-shape.ts';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors } from '../../engine/engine.ts';
import { stagesOf } from '../../config/stages.ts';
import type { ParameterSpecs } from '../../networks/network.ts';

/** Prefix of a classifier's parameters in the state of the engine that it was trained on. */
export const classifierPrefix = 'classifier/';

/** A network: its parameters for images of a shape, and its function. */
export interface ClassifierNetwork {
  parameters(images: ImageShape, outputs: number): ParameterSpecs;
  /** Images [n, height, width, channels] in [-1, 1] → [n, outputs]. */
  forward(parameters: NamedTensors, images: tf.Tensor): tf.Tensor;
}

const baseWidth = 16;
const leak = 0.2;

/** A layer's kernel with He's initial values (2015, for ReLU; `gain` 1 for an output), and its bias. */
function layer(name: string, shape: readonly number[], gain = 2): ParameterSpecs {
  const fanIn = shape.slice(0, -1).reduce((product, side) => product * side, 1);
  return {
    [`${classifierPrefix}${name}/kernel`]: {
      shape,
      initial: { mean: 0, deviation: Math.sqrt(gain / fanIn) },
    },
    [`${classifierPrefix}${name}/bias`]: { shape: [shape.at(-1)!], initial: { mean: 0, deviation: 0 } },
  };
}

/** The layers by name, as functions. */
function layersOf(parameters: NamedTensors) {
  const part = (name: string): tf.Tensor => parameters[`${classifierPrefix}${name}`]!;
  return {
    has: (name: string): boolean => `${classifierPrefix}${name}/kernel` in parameters,
    conv: (name: string, x: tf.Tensor, stride: number): tf.Tensor =>
      tf.add(
        tf.conv2d(x as tf.Tensor4D, part(`${name}/kernel`) as tf.Tensor4D, stride, 'same'),
        part(`${name}/bias`),
      ),
    dense: (name: string, x: tf.Tensor): tf.Tensor =>
      tf.add(
        tf.matMul(tf.reshape(x, [x.shape[0]!, -1]) as tf.Tensor2D, part(`${name}/kernel`) as tf.Tensor2D),
        part(`${name}/bias`),
      ),
  };
}

/** The first classifier: strided convolutions down to the base (4x4 for squares), then the outputs. */
export const stridedNetwork: ClassifierNetwork = {
  parameters(images, outputs) {
    const specs: Record<string, ParameterSpecs[string]> = {};
    const { base, count } = stagesOf(images);
    let from: number = images.channels;
    for (let stage = 0; stage < count; stage++) {
      const to = baseWidth * 2 ** stage;
      Object.assign(specs, layer(`block${stage + 1}`, [4, 4, from, to]));
      from = to;
    }
    return { ...specs, ...layer('out', [base.height * base.width * from, outputs], 1) };
  },
  forward(parameters, images) {
    const layers = layersOf(parameters);
    let x = images;
    for (let stage = 1; layers.has(`block${stage}`); stage++)
      x = tf.leakyRelu(layers.conv(`block${stage}`, x, 2), leak);
    return layers.dense('out', x);
  },
};

/** A side after steps of 4 and of 2. */
const eighth = (side: number): number => Math.ceil(Math.ceil(side / 4) / 2);

/** Channels of the residual blocks, and of the second one. */
const blockWidth = 48;

/**
 * The second classifier: patches of 8x8 in steps of 4, a residual block x + conv3x3(x) (He 2016), a convolution that halves the size,
 * another residual block, the outputs.
 */
export const residualNetwork: ClassifierNetwork = {
  parameters: ({ width, height, channels }, outputs) => ({
    ...layer('patches', [8, 8, channels, blockWidth]),
    ...layer('block1', [3, 3, blockWidth, blockWidth], 1),
    ...layer('halve', [3, 3, blockWidth, 2 * blockWidth]),
    ...layer('block2', [3, 3, 2 * blockWidth, 2 * blockWidth], 1),
    ...layer('out', [eighth(height) * eighth(width) * 2 * blockWidth, outputs], 1),
  }),
  forward(parameters, images) {
    const { conv, dense } = layersOf(parameters);
    const relu = (x: tf.Tensor): tf.Tensor => tf.leakyRelu(x, leak);
    const residual = (name: string, x: tf.Tensor): tf.Tensor => relu(tf.add(x, conv(name, x, 1)));
    const x = residual('block1', relu(conv('patches', images, 4)));
    return dense('out', residual('block2', relu(conv('halve', x, 2))));
  },
};
