// A case of a kernel: inputs and the tfjs code that calls it on them. Everything is drawn from a seed.
import * as tf from '@tensorflow/tfjs-core';
import { Random } from '../../../../runtime-web/format/random.ts';
import { arrayTypes, sizeOf, type HostTensor } from '../../../../trainer/graph/trace/graph.ts';

/** One call of a kernel. */
export interface KernelCase {
  readonly name: string;
  readonly inputs: Readonly<Record<string, HostTensor>>;
  /** Gets the inputs as tensors, in their order. */
  readonly compute: (...tensors: never[]) => tf.Tensor | tf.Tensor[];
}

/** Makes the cases of a kernel. */
export type CaseMaker = (draw: Draw) => KernelCase[];

/** Draws shapes, axes and tensors. */
export class Draw {
  private readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  /** An integer from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + this.random.integer(high - low + 1);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.random.integer(items.length)]!;
  }

  chance(): boolean {
    return this.random.uniform() < 0.5;
  }

  /** A shape of `rank` axes of 1 to `most`. */
  shape(rank: number, most = 4): number[] {
    return Array.from({ length: rank }, () => this.integer(1, most));
  }

  /** Some of the axes of a tensor of this rank, at least one where there is one, now and then counted from behind. */
  axes(rank: number): number[] {
    if (rank === 0) return [];
    const all = this.permutation(rank).slice(0, this.integer(1, rank));
    return all.map((axis) => (this.chance() ? axis : axis - rank));
  }

  permutation(rank: number): number[] {
    return this.random.shuffle(Array.from({ length: rank }, (_, axis) => axis));
  }

  floats(shape: readonly number[], low = -2, high = 2): HostTensor {
    return this.tensor(shape, 'float32', () => low + (high - low) * this.random.uniform());
  }

  /** Whole numbers from `low` to `high`. */
  ints(shape: readonly number[], low = -5, high = 5): HostTensor {
    return this.tensor(shape, 'int32', () => this.integer(low, high));
  }

  bools(shape: readonly number[]): HostTensor {
    return this.tensor(shape, 'bool', () => this.random.integer(2));
  }

  /** A tensor of this type. */
  any(shape: readonly number[], dtype: HostTensor['dtype']): HostTensor {
    return {
      float32: () => this.floats(shape),
      int32: () => this.ints(shape),
      bool: () => this.bools(shape),
    }[dtype]();
  }

  private tensor(shape: readonly number[], dtype: HostTensor['dtype'], value: () => number): HostTensor {
    const make = arrayTypes[dtype];
    return { shape: [...shape], dtype, data: new make(sizeOf(shape)).map(value) };
  }
}

/** Ranks 0 to 5. */
export const ranks = [0, 1, 2, 3, 4, 5] as const;

/** Two shapes that broadcast together, for each rank and each way round. */
export function broadcastShapes(draw: Draw): [number[], number[]][] {
  return ranks.flatMap((rank) => {
    const full = draw.shape(rank);
    const ones = full.map((dim) => (draw.chance() ? 1 : dim));
    const fewer = full.slice(draw.integer(0, rank));
    const mixed = full.map((dim, axis) => (ones[axis] === 1 ? dim : 1));
    return [
      [full, full],
      [full, fewer],
      [ones, full],
      [ones, mixed],
    ] as [number[], number[]][];
  });
}

/** A kernel called by its name, for those that no op calls alone. */
export function runKernel(
  name: string,
  inputs: Readonly<Record<string, tf.Tensor>>,
  attrs: Readonly<Record<string, unknown>>,
): tf.Tensor {
  return tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attrs as unknown as tf.NamedAttrMap);
}
