// The generator by its averaged weights, with its statistics measured for the present state.
import { conditionFor, type Wanted } from '../format/condition.ts';
import { lengthOf } from '../format/image-shape.ts';
import { latentInputs, latentsOf } from '../format/training/latent-inputs.ts';
import { Statistics, statisticsInputs } from '../format/training/statistics.ts';
import type { FloatTensor } from '../format/training/tensors.ts';
import type { TrainablePackage } from '../format/training/trainable.ts';
import type { StateDevice } from './state-device.ts';

/** Images, and points, in one run of the sampling. */
const sampleBatch = { images: 64, points: 1024 } as const;

/** The images to sample. */
export interface SampleRequest {
  readonly wanted?: Wanted;
  /** True: with all statistics measured, as the trainer's samples; otherwise with those of two batches, which look the same. */
  readonly isExact?: boolean;
}

/** The averaged generator of one training. `step` of its calls is the number of steps done. */
export class AveragedGenerator {
  readonly #opened: TrainablePackage;
  readonly #device: Pick<StateDevice, 'run' | 'write'>;
  #measuredAt: { readonly step: number; readonly isExact: boolean } | null = null;

  constructor(opened: TrainablePackage, device: Pick<StateDevice, 'run' | 'write'>) {
    this.#opened = opened;
    this.#device = device;
  }

  /** Images of seeds, [n, height, width, channels] in [-1, 1], or points [n, 2]. Throws RangeError as `conditionFor` does. */
  async sample(
    seeds: readonly number[],
    step: number,
    { wanted = {}, isExact = false }: SampleRequest,
  ): Promise<Float32Array<ArrayBuffer>> {
    const opened = this.#opened;
    const isWanted = Object.values(wanted).some((value) => value !== undefined);
    const inputs = latentInputs(opened, latentsOf(opened, seeds), seeds, this.#rowsFor(isWanted), wanted);
    await this.measure(step, isExact);
    const length = lengthOf(opened);
    const images = new Float32Array(seeds.length * length);
    const { data: kind } = opened;
    const most = sampleBatch[kind];
    for (let first = 0; first < seeds.length; first += most) {
      const count = Math.min(most, seeds.length - first);
      const part = Object.entries(inputs).map(([name, { shape, data }]): [string, FloatTensor] => {
        const columns = shape[1]!;
        const rows = data.slice(first * columns, (first + count) * columns);
        return [name, { dtype: 'float32', shape: [count, columns], data: rows }];
      });
      const { [kind]: drawn } = await this.#device.run('sample', Object.fromEntries(part));
      images.set(drawn!.data, first * length);
    }
    return images;
  }

  /** Measures the statistics for the present state, unless that has been done. */
  async measure(step: number, isExact: boolean): Promise<void> {
    const { statistics } = this.#opened.trainable;
    const at = this.#measuredAt;
    if (statistics === null || (at?.step === step && (at.isExact || !isExact))) return;
    const sums = new Statistics(statistics);
    const latents = isExact ? statistics.latents : 1;
    for (const inputs of statisticsInputs(this.#opened, { ...statistics, latents }, this.#rowsFor(false)))
      sums.add(await this.#device.run('statistics', inputs));
    this.#device.write(sums.all);
    this.#measuredAt = { step, isExact };
  }

  /** The function that makes rows of conditions; null for a package without conditioning, unless one is wanted, which it refuses. */
  #rowsFor(isWanted: boolean) {
    return this.#opened.conditioning === null && !isWanted ? null : conditionFor;
  }
}
