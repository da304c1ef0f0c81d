// Equalised learning rate (Karras 2018a, "Progressive Growing of GANs", section 4.1): weights are stored at deviation 1 and
// multiplied by He's constant at each use, so that Adam updates all of them at one speed. Upsampling before a 3x3 convolution, or
// averaging after it, is merged with it into one strided 4x4 convolution; resampling with a filter, into one of 6x6. "Prepared"
// parameters have been scaled and merged.
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors } from '../engine/engine.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import type { ParameterSpec, ParameterSpecs } from './network.ts';
import { mergedSmoothly, mergedSmoothlyOnHost, type SmoothResampling } from './smooth-resampling.ts';

/** He's gain for rectified and for other layers. */
export const gains = { rectified: Math.SQRT2, linear: 1 } as const;

/** A stored parameter and how it is prepared. */
export interface Equalised extends ParameterSpec {
  /** Multiplies the stored parameter. */
  readonly factor: number;
  /**
   * Turns a 3x3 kernel (`NAME/kernel/3x3`) into one of 4x4 and stride 2. `up`: the kernel of a transposed convolution
   * [h, w, out, in], merged with nearest-neighbour doubling before it. `down`: merged with the mean of four pixels after it.
   * `smooth up` and `smooth down` merge the filter of `smooth-resampling.ts` into a kernel of any side.
   */
  readonly resampling?: Resampling;
  /** True if the prepared parameters also have `NAME/kernel/squares`: the squared weights, summed over the kernel's places. */
  readonly isDemodulated?: boolean;
}

/** A way to resample, merged into a kernel. */
export type Resampling = 'up' | 'down' | SmoothResampling;

/** Parameters by name, each with its preparation. */
export type EqualisedSpecs = ParameterSpecs & Readonly<Record<string, Equalised>>;

/** A kernel with `fanIn` inputs to each output. `rate` is its relative learning rate (0.01 in the mapping network). */
export function equalised(
  shape: readonly number[],
  fanIn: number,
  { gain = gains.rectified, rate = 1, resampling, isDemodulated = false }: EqualisedOptions = {},
): Equalised {
  return {
    shape,
    initial: { mean: 0, deviation: 1 / rate },
    factor: (gain * rate) / Math.sqrt(fanIn),
    ...(resampling && { resampling }),
    ...(isDemodulated && { isDemodulated }),
  };
}

/** Options of {@link equalised}. */
export interface EqualisedOptions {
  readonly gain?: number;
  readonly rate?: number;
  readonly resampling?: Resampling;
  readonly isDemodulated?: boolean;
}

/** A bias, or any other parameter with a constant initial value. */
export function plain(shape: readonly number[], { mean = 0, factor = 1 } = {}): Equalised {
  return { shape, initial: { mean, deviation: 0 }, factor };
}

/** The name of a stored parameter once prepared. */
export function preparedName(name: string): string {
  return name.replace(/\/\dx\d$/, '');
}

/** The name of the squared weights of a kernel. */
export function squaresName(name: string): string {
  return `${preparedName(name)}/squares`;
}

/** Prepares parameters; those without a spec stay unchanged. */
export function prepared(specs: EqualisedSpecs, parameters: NamedTensors): NamedTensors {
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([name, tensor]): [string, tf.Tensor][] => {
      const spec = specs[name];
      if (spec === undefined) return [[name, tensor]];
      const { factor, resampling, isDemodulated = false } = spec;
      const scaled = factor === 1 ? tensor : tf.mul(tensor, factor);
      const kernel = resampling === undefined ? scaled : merged(scaled, resampling);
      return [
        [preparedName(name), kernel],
        ...(isDemodulated
          ? [[squaresName(name), tf.sum(tf.square(scaled), [0, 1])] as [string, tf.Tensor]]
          : []),
      ];
    }),
  );
}

function merged(kernel: tf.Tensor, resampling: Resampling): tf.Tensor {
  return resampling === 'up' || resampling === 'down'
    ? widened(kernel, resampling)
    : mergedSmoothly(kernel, resampling);
}

/** 3x3 to 4x4: the sum (up) or mean (down) of the kernel at its four offsets. */
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

/** Prepares one parameter as {@link prepared} does, on the host: in double precision, rounded once. */
export function preparedOnHost({ factor, resampling }: Equalised, tensor: HostTensor): HostTensor {
  if (resampling === 'smooth up' || resampling === 'smooth down') {
    const { shape, data } = mergedSmoothlyOnHost(tensor, resampling);
    return { shape, dtype: 'float32', data: Float32Array.from(data, (value) => value * factor) };
  }
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

/** The squared weights of a stored kernel [n, n, a, b], summed over its places: [a, b], on the host. */
export function squaresOnHost({ factor }: Equalised, { shape, data }: HostTensor): HostTensor {
  const [height, width, a, b] = shape as [number, number, number, number];
  const sums = new Float64Array(a * b);
  for (let i = 0; i < height * width * a * b; i++) sums[i % (a * b)]! += (data[i]! * factor) ** 2;
  return { shape: [a, b], dtype: 'float32', data: Float32Array.from(sums) };
}
