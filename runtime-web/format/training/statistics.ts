// Statistics of the averaged generator that samples depend on: measured batch by batch over fixed latents, then combined. Batch norm has a
// mean and a variance for each layer, a style-based network its mean style.
import { lengthOfShape, type FloatTensor } from './tensors.ts';
import { drawCodes } from './codes.ts';
import type { Model } from '../model.ts';
import { LatentRandom } from '../random.ts';
import { latentInputs, type ConditionFor } from './latent-inputs.ts';

/** The names of what is measured. */
export interface StatisticNames {
  /** A mean and a variance over one batch; the variance over all batches includes that between their means. */
  readonly moments: readonly { readonly mean: string; readonly variance: string }[];
  /** Means over one batch. */
  readonly means: readonly string[];
}

/** The statistics of one batch, by name. */
type Measured = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly data: ArrayLike<number> }>
>;

/** Combines the statistics of batches of equal size, in double precision. */
export class Statistics {
  private readonly names: StatisticNames;
  private readonly sums = new Map<
    string,
    { readonly shape: readonly number[]; readonly sum: Float64Array }
  >();
  private batches = 0;

  constructor(names: StatisticNames) {
    this.names = names;
  }

  /** Adds a batch. */
  add(measured: Measured): void {
    this.batches += 1;
    for (const name of this.names.means) this.addTo(name, measured[name]!, (value) => value);
    for (const { mean, variance } of this.names.moments) {
      const means = measured[mean]!;
      this.addTo(mean, means, (value) => value);
      this.addTo(variance, measured[variance]!, (value, i) => value + means.data[i]! ** 2);
    }
  }

  /** The statistics over all batches added, by name. */
  get all(): Record<string, FloatTensor> {
    const mean = (name: string): Float64Array => this.sums.get(name)!.sum.map((sum) => sum / this.batches);
    const tensor = (name: string, values: Float64Array): readonly [string, FloatTensor] => [
      name,
      { dtype: 'float32', shape: this.sums.get(name)!.shape, data: Float32Array.from(values) },
    ];
    return Object.fromEntries([
      ...this.names.means.map((name) => tensor(name, mean(name))),
      ...this.names.moments.flatMap((names) => {
        const means = mean(names.mean);
        const variances = mean(names.variance).map((square, i) => Math.max(0, square - means[i]! ** 2));
        return [tensor(names.mean, means), tensor(names.variance, variances)];
      }),
    ]);
  }

  private addTo(
    name: string,
    { shape, data }: Measured[string],
    value: (value: number, i: number) => number,
  ): void {
    const entry = this.sums.get(name) ?? { shape, sum: new Float64Array(lengthOfShape(shape)) };
    this.sums.set(name, entry);
    for (let i = 0; i < entry.sum.length; i++) entry.sum[i]! += value(data[i]!, i);
  }
}

/** The latents over which a run measures. */
export interface StatisticsLatents {
  /** Minimum number of latents; 0 for a generator without statistics. */
  readonly latents: number;
  readonly batch: number;
  /** The run's seed. */
  readonly seed: number;
}

/** The inputs of each batch: at least 2 batches, and as many as have that number of latents. Codes are random. */
export function* statisticsInputs(
  model: Pick<Model, 'latent' | 'conditioning'>,
  { latents, batch, seed }: StatisticsLatents,
  rowsFor: ConditionFor,
): Generator<Record<string, FloatTensor>> {
  const { latent, conditioning } = model;
  const random = new LatentRandom(seed);
  const runs = Math.max(2, Math.ceil(latents / batch));
  for (let i = 0; i < runs; i++) {
    const z = random.fillLatent(new Float32Array(batch * latent.dim), latent.distribution);
    const indices = Array.from({ length: batch }, (_, k) => i * batch + k);
    const given = latentInputs(model, z, indices, rowsFor);
    if (conditioning?.kind === 'codes')
      given['codes'] = { ...given['codes']!, data: drawCodes(conditioning.codes, batch, random) };
    yield given;
  }
}
