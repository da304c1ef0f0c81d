// Means and variances of normalised layers, accumulated batch by batch. A frozen network uses them as fixed statistics.
import type { NamedHostTensors } from '../engine/engine.ts';
import type { HostTensor } from '../graph/trace/graph.ts';

/** A layer and its number of channels. */
export interface LayerWidth {
  readonly name: string;
  readonly channels: number;
}

/** Names of a layer's mean and variance. */
export interface MomentNames {
  mean(layer: string): string;
  variance(layer: string): string;
}

/** State names of the statistics of the generator's layers. */
export const statisticNames = {
  mean: (layer: string): string => `statistics/${layer}/mean`,
  variance: (layer: string): string => `statistics/${layer}/variance`,
} as const satisfies MomentNames;

/** Accumulates the moments of batches of equal size. */
export class LayerMoments {
  private readonly names: MomentNames;
  private readonly sums: ReadonlyMap<string, { readonly mean: Float64Array; readonly square: Float64Array }>;
  private batches = 0;

  constructor(layers: readonly LayerWidth[], names: MomentNames) {
    this.names = names;
    this.sums = new Map(
      layers.map(({ name, channels }) => [
        name,
        { mean: new Float64Array(channels), square: new Float64Array(channels) },
      ]),
    );
  }

  /** Adds a batch's means and variances, [channels] each. */
  add(outputs: NamedHostTensors): void {
    this.batches += 1;
    for (const [layer, { mean, square }] of this.sums) {
      const means = outputs[this.names.mean(layer)]!.data;
      const variances = outputs[this.names.variance(layer)]!.data;
      for (let c = 0; c < mean.length; c++) {
        mean[c]! += means[c]!;
        square[c]! += variances[c]! + means[c]! ** 2;
      }
    }
  }

  /** Mean and variance over all batches added, by name: [channels] each. */
  get all(): Record<string, HostTensor> {
    const { batches } = this;
    const entries: Record<string, HostTensor> = {};
    for (const [layer, { mean, square }] of this.sums) {
      const means = mean.map((sum) => sum / batches);
      entries[this.names.mean(layer)] = vector(means);
      entries[this.names.variance(layer)] = vector(
        square.map((sum, c) => Math.max(0, sum / batches - means[c]! ** 2)),
      );
    }
    return entries;
  }
}

function vector(values: Float64Array): HostTensor {
  return { shape: [values.length], dtype: 'float32', data: Float32Array.from(values) };
}
