// The metrics of the steps since the last report, as running sums that a checkpoint can carry: a resumed run
// then reports the same means as the uninterrupted one.
import type { NamedHostTensors } from '../engine/engine.ts';

/** The scalars a training step gives out: losses, and D's mean probability for real and fake images. */
export const metricNames = ['dLoss', 'gLoss', 'dReal', 'dFake'] as const;
/** A metric's name. */
export type MetricName = (typeof metricNames)[number];
/** A value a metric. */
export type Metrics = Readonly<Record<MetricName, number>>;

/** {@link Gathered} as JSON can hold it. */
export interface SavedGathered {
  readonly sums: Readonly<Record<MetricName, number>>;
  readonly count: number;
  readonly images: number;
  readonly seconds: number;
  readonly diversity: number | null;
  readonly frechet?: number | null;
}

/** Running sums of metrics and of time. */
export class Gathered {
  /** Of the newest samples since the last report; null where there were none. */
  diversity: number | null = null;
  /** Of the newest samples' distance from the real images since the last report; null where it was not measured. */
  frechet: number | null = null;
  private sums: Record<MetricName, number> = { dLoss: 0, gLoss: 0, dReal: 0, dFake: 0 };
  private count = 0;
  private images = 0;
  private seconds = 0;

  /** Continues from what {@link Gathered.saved} gave; anything else starts empty. */
  static from(saved: unknown): Gathered {
    const gathered = new Gathered();
    if (typeof saved !== 'object' || saved === null || !('sums' in saved)) return gathered;
    const { sums, count, images, seconds, diversity, frechet = null } = saved as SavedGathered;
    gathered.sums = { ...sums };
    gathered.count = count;
    gathered.images = images;
    gathered.seconds = seconds;
    gathered.diversity = diversity;
    gathered.frechet = frechet;
    return gathered;
  }

  /** The sums as JSON can hold them. */
  get saved(): SavedGathered {
    const { sums, count, images, seconds, diversity, frechet } = this;
    return { sums: { ...sums }, count, images, seconds, diversity, frechet };
  }

  /** Counts one step of `images` real images that took `seconds`. */
  addStep(images: number, seconds: number): void {
    this.images += images;
    this.seconds += seconds;
  }

  /** Adds one step's outputs; gives them back as numbers. Throws RangeError where a metric is missing. */
  addMetrics(outputs: NamedHostTensors): Metrics {
    const metrics = Object.fromEntries(
      metricNames.map((name) => {
        const value = outputs[name]?.data[0];
        if (value === undefined) throw new RangeError(`the step gave no ${name}`);
        this.sums[name] += value;
        return [name, value];
      }),
    ) as Metrics;
    this.count += 1;
    return metrics;
  }

  /** The means (null where nothing was read) and the rate since the last take; starts anew. */
  take(): Readonly<Record<MetricName | 'diversity' | 'frechet', number | null>> & {
    readonly imagesPerSecond: number;
  } {
    const mean = (name: MetricName): number | null => (this.count > 0 ? this.sums[name] / this.count : null);
    const means = {
      dLoss: mean('dLoss'),
      gLoss: mean('gLoss'),
      dReal: mean('dReal'),
      dFake: mean('dFake'),
      imagesPerSecond: this.seconds > 0 ? this.images / this.seconds : 0,
      diversity: this.diversity,
      frechet: this.frechet,
    };
    this.sums = { dLoss: 0, gLoss: 0, dReal: 0, dFake: 0 };
    this.count = this.images = this.seconds = 0;
    this.diversity = null;
    this.frechet = null;
    return means;
  }
}
