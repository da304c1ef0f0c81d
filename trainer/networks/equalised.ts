// Equalised learning rate (Karras 2018a, "Progressive Growing of GANs", section 4.1): weights are kept at deviation one and
// multiplied by He's constant where they are used, so that Adam moves all of them at one speed. Kernels that double or halve
// an image are made of the kernel before or after the doubling, so that both are one convolution.
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors } from '../engine/engine.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import type { ParameterSpec, ParameterSpecs } from './network.ts';

/** He's gain for rectified layers, and that of the others. */
export const gains = { rectified: Math.SQRT2, linear: 1 } as const;

/** What is made of a stored parameter before it is used. */
export interface Equalised extends ParameterSpec {
  /** It is multiplied by this. */
  readonly factor: number;
  /**
   * A kernel/3x3 becomes the kernel of 4x4 and stride 2 that is used: `up` (a transposed convolution's, [h, w, out, in], after nearest-neighbour doubling)
   * or `down` (before a mean of four).
   */
  readonly resampling?: 'up' | 'down';
}

/** Parameters by name, each with what is made of it. */
export type EqualisedSpecs = ParameterSpecs & Readonly<Record<string, Equalised>>;

/**
 * A kernel of this shape, for so many inputs to each of its outputs. `rate` is a learning rate of its own, as a share (the
 * mapping network has 0.01).
 */
export function equalised(
  shape: readonly number[],
  fanIn: number,
  { gain = gains.rectified, rate = 1, resampling }: EqualisedOptions = {},
): Equalised {
  return {
    shape,
    initial: { mean: 0, deviation: 1 / rate },
    factor: (gain * rate) / Math.sqrt(fanIn),
    ...(resampling && { resampling }),
  };
}

/** See {@link equalised}. */
export interface EqualisedOptions {
  readonly gain?: number;
  readonly rate?: number;
  readonly resampling?: 'up' | 'down';
}

/** A bias, or anything else that begins at a number. */
export function plain(shape: readonly number[], { mean = 0, factor = 1 } = {}): Equalised {
  return { shape, initial: { mean, deviation: 0 }, factor };
}

/** What a stored parameter is called as it is used. */
export function preparedName(name: string): string {
  return name.replace(/\/3x3$/, '');
}

/** Parameters as the networks use them; those without a spec stay as they are. */
export function prepared(specs: EqualisedSpecs, parameters: NamedTensors): NamedTensors {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, tensor]) => {
      const spec = specs[name];
      if (spec === undefined) return [name, tensor];
      const { factor, resampling } = spec;
      const scaled = factor === 1 ? tensor : tf.mul(tensor, factor);
      return [preparedName(name), resampling === undefined ? scaled : widened(scaled, resampling)];
    }),
  );
}

/** 3x3 to 4x4: the sum (up) or mean (down) of the kernel at its four places. */
function widened(kernel: tf.Tensor, resampling: 'up' | 'down'): tf.Tensor {
  const at = (top: number, left: number): tf.Tensor =>
    tf.pad(kernel, [
      [top, 1 - top],
      [left, 1 - left],
      [0, 0],
      [0, 0],
    ]);
  const sum = tf.add(tf.add(at(0, 0), at(0, 1)), tf.add(at(1, 0), at(1, 1)));
  return resampling === 'up' ? sum : tf.mul(sum, 0.25);
}

/** One parameter as {@link prepared} makes it, on the host, in double precision and rounded once. */
export function preparedOnHost({ factor, resampling }: Equalised, tensor: HostTensor): HostTensor {
  const by = factor * (resampling === 'down' ? 0.25 : 1);
  if (resampling === undefined) {
    return { ...tensor, data: Float32Array.from(tensor.data as Float32Array, (value) => value * by) };
  }
  const [, , a, b] = tensor.shape as [number, number, number, number];
  const length = a * b;
  const sums = new Float64Array(16 * length);
  for (let y = 0; y < 4; y++) {
    for (let x = 0; x < 4; x++) {
      for (const [top, left] of [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ] as const) {
        const [row, column] = [y - top, x - left];
        if (row < 0 || row > 2 || column < 0 || column > 2) continue;
        for (let i = 0; i < length; i++) {
          sums[(y * 4 + x) * length + i]! += tensor.data[(row * 3 + column) * length + i]!;
        }
      }
    }
  }
  return { shape: [4, 4, a, b], dtype: 'float32', data: Float32Array.from(sums, (value) => value * by) };
}
