// The frozen generator as an ONNX file, optionally with activations as outputs and masks of its filters as inputs.
import * as tf from '@tensorflow/tfjs-core';
import { conditionColumns, conditionName } from '../../runtime-web/format/condition.ts';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import { joinCondition } from '../training/conditioning.ts';
import type { TensorSpec } from '../graph/trace/graph.ts';
import type { FrozenGenerator } from '../frozen/frozen-networks.ts';
import { encodeNetwork } from './onnx-network.ts';

/** Options of {@link encodeGenerator}. */
export interface GeneratorFileOptions {
  /** Name of the graph in the file. */
  readonly name: string;
  readonly latentDim: number;
  /** The generator's input besides z. Default null: none. */
  readonly conditioning?: Conditioning;
  /** Store weights in half precision and cast them to float32 before use: half the bytes, the same arithmetic. */
  readonly isHalf: boolean;
  /** Add the activations of every layer as outputs: `generator/block1` [n, h, w, c], … Default false. */
  readonly withLayers?: boolean;
  /** Number of filters by layer. Each gets an input `mask/LAYER` [n, filters], a factor per filter. Default: none. */
  readonly masked?: Readonly<Record<string, number>>;
  /** Key-value pairs for the file's metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Name of a layer's mask input, whose numbers multiply the layer's filters. */
export const maskName = (layer: string): string => `mask/${layer}`;

/**
 * The bytes of `generator.onnx`: `z` [n, latentDim], and `labels` or `codes` [n, columns] if it takes them → `images`
 * [n, size, size, channels] in [-1, 1]; all float32. Throws Error if the generator cannot be recorded or lowered.
 */
export function encodeGenerator(generator: FrozenGenerator, options: GeneratorFileOptions): Uint8Array {
  const {
    name,
    latentDim,
    conditioning = null,
    isHalf,
    withLayers = false,
    masked = {},
    metadata = {},
  } = options;
  const condition = conditioning && conditionName(conditioning);
  return encodeNetwork({
    name,
    parameters: generator.parameters,
    inputsAt(batch) {
      const inputs: Record<string, TensorSpec> = { z: { shape: [batch, latentDim], dtype: 'float32' } };
      if (condition !== null) {
        inputs[condition] = { shape: [batch, conditionColumns(conditioning)], dtype: 'float32' };
      }
      for (const [layer, filters] of Object.entries(masked)) {
        inputs[maskName(layer)] = { shape: [batch, filters], dtype: 'float32' };
      }
      return inputs;
    },
    compute(parameters, { z: noise, ...rest }) {
      const z = joinCondition(noise!, condition === null ? null : rest[condition]!);
      if (!withLayers && Object.keys(masked).length === 0) {
        return { images: generator.generate(parameters, z) };
      }
      const outputs = generator.layers(parameters, z, (layer, activation) => {
        const mask = rest[maskName(layer)];
        return mask === undefined ? activation : multiplied(activation, mask);
      });
      return withLayers ? outputs : { images: outputs['images']! };
    },
    isHalf,
    // Rounding errors add up over the mapping's 8 layers. Float32 there makes the file 3% larger and its error 4 times smaller.
    keepWhole: (parameter) => parameter.startsWith('generator/mapping/'),
    metadata,
  });
}

/** Activations [n, h, w, filters] times a mask [n, filters]. */
export function multiplied(activation: tf.Tensor, mask: tf.Tensor): tf.Tensor {
  const [n, filters] = mask.shape as [number, number];
  return tf.mul(activation, tf.reshape(mask, [n, 1, 1, filters]));
}
