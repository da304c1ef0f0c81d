// The frozen generator as an ONNX file; with what each layer gives, and with masks that switch filters off, where asked.
import * as tf from '@tensorflow/tfjs-core';
import { conditionColumns, conditionName } from '../../runtime-web/format/condition.ts';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import { joinCondition } from '../training/conditioning.ts';
import type { TensorSpec } from '../graph/trace/graph.ts';
import type { FrozenGenerator } from '../frozen/frozen-networks.ts';
import { encodeNetwork } from './onnx-network.ts';

/** What a generator's file is made with. */
export interface GeneratorFileOptions {
  /** The graph's name in the file. */
  readonly name: string;
  readonly latentDim: number;
  /** What the generator takes beside z. Default null: nothing. */
  readonly conditioning?: Conditioning;
  /** Whether weights are stored in half precision and cast to float32 before use: half the bytes, the same arithmetic. */
  readonly isHalf: boolean;
  /** Whether what each layer gives comes out as well: `generator/block1` [n, h, w, c], … Default false. */
  readonly withLayers?: boolean;
  /** The filters of layers that are multiplied by inputs: `mask/LAYER` [n, filters], by the layer's name. Default none. */
  readonly masked?: Readonly<Record<string, number>>;
  /** Key-value pairs for the file's metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The input that a layer's filters are multiplied by. */
export const maskName = (layer: string): string => `mask/${layer}`;

/**
 * The bytes of `generator.onnx`: `z` [n, latentDim], and `labels` or `codes` [n, columns] where it takes them → `images` [n, size, size, channels] in [-1, 1], float32 both.
 * Throws Error where the generator cannot be recorded or lowered.
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
    // Behind eight layers of mapping, rounding has moved the style: the file is 3% larger and four times as exact.
    keepWhole: (parameter) => parameter.startsWith('generator/mapping/'),
    metadata,
  });
}

/** Activations [n, h, w, filters] with each filter times its number of [n, filters]. */
export function multiplied(activation: tf.Tensor, mask: tf.Tensor): tf.Tensor {
  const [n, filters] = mask.shape as [number, number];
  return tf.mul(activation, tf.reshape(mask, [n, 1, 1, filters]));
}
