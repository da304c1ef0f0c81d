// Running sums of the metrics since the last report. Checkpoints save them, so a resumed run reports the same means as an
// uninterrupted one.
import { isNullOr, isNumber, isObject, isWhole, type Check } from '../../runtime-web/format/fields.ts';
import { isEvaluation, type Evaluation } from '../metrics/evaluation.ts';
import type { NamedHostTensors } from '../engine/engine.ts';

/** The scalar outputs of a training step: the losses, and D's mean output for real and fake images. */
export const metricNames = ['dLoss', 'gLoss', 'dReal', 'dFake'] as const;
/** A metric's name. */
export type MetricName = (typeof metricNames)[number];
/** One value per metric. */
export type Metrics = Readonly<Record<MetricName, number>>;

/** {@link Gathered} as JSON. */
export interface SavedGathered {
  readonly sums: Metrics;
  readonly count: number;
  readonly images: number;
  readonly seconds: number;
  readonly diversity: number | null;
  readonly evaluation: Evaluation | null;
}

const isSums: Check<Metrics> = isObject(
  ({ get }) => Object.fromEntries(metricNames.map((name) => [name, get(name, isNumber())])) as Metrics,
);

/** A {@link SavedGathered} of a file. */
export const isSavedGathered: Check<SavedGathered> = isObject(({ get }) => ({
  sums: get('sums', isSums),
  count: get('count', isWhole(0)),
  images: get('images', isWhole(0)),
  seconds: get('seconds', isNumber(0)),
  diversity: get('diversity', isNullOr(isNumber(0))),
  // Checkpoints of earlier versions lack it.
  evaluation: get('evaluation', (value, place) => isNullOr(isEvaluation)(value ?? null, place)),
}));

/** Running sums of metrics and of time. */
export class Gathered {
  /** Diversity of the newest samples; null without new samples since the last report. */
  diversity: number | null = null;
  /** The newest evaluation; null if there was none since the last report. */
  evaluation: Evaluation | null = null;
  private sums: Record<MetricName, number> = { dLoss: 0, gLoss: 0, dReal: 0, dFake: 0 };
  private count = 0;
  private images = 0;
  private seconds = 0;

  /** Restores the sums from {@link Gathered.saved}; starts empty without them. */
  static from(saved: SavedGathered | undefined): Gathered {
    const gathered = new Gathered();
    if (saved === undefined) return gathered;
    const { sums, count, images, seconds, diversity, evaluation } = saved;
    gathered.sums = { ...sums };
    gathered.count = count;
    gathered.images = images;
    gathered.seconds = seconds;
    gathered.diversity = diversity;
    gathered.evaluation = evaluation;
    return gathered;
  }

  /** The sums as JSON. */
  get saved(): SavedGathered {
    const { sums, count, images, seconds, diversity, evaluation } = this;
    return { sums: { ...sums }, count, images, seconds, diversity, evaluation };
  }

  /** Counts a step with `images` real images that took `seconds`. */
  addStep(images: number, seconds: number): void {
    this.images += images;
    this.seconds += seconds;
  }

  /** Adds the outputs of one step and returns them as numbers. Throws RangeError for a missing metric. */
  addMetrics(outputs: NamedHostTensors): Metrics {
    const metrics = Object.fromEntries(
      metricNames.map((name) => {
        const value = outputs[name]?.data[0];
        if (value === undefined) throw new RangeError(`the step's outputs lack ${name}`);
        this.sums[name] += value;
        return [name, value];
      }),
    ) as Metrics;
    this.count += 1;
    return metrics;
  }

  /** Returns the means (null without metrics) and the rate since the last call, then resets the sums. */
  take(): Readonly<Record<MetricName | 'diversity', number | null>> & {
    readonly imagesPerSecond: number;
    readonly evaluation: Evaluation | null;
  } {
    const mean = (name: MetricName): number | null => (this.count > 0 ? this.sums[name] / this.count : null);
    const means = {
      dLoss: mean('dLoss'),
      gLoss: mean('gLoss'),
      dReal: mean('dReal'),
      dFake: mean('dFake'),
      imagesPerSecond: this.seconds > 0 ? this.images / this.seconds : 0,
      diversity: this.diversity,
      evaluation: this.evaluation,
    };
    this.sums = { dLoss: 0, gLoss: 0, dReal: 0, dFake: 0 };
    this.count = this.images = this.seconds = 0;
    this.diversity = null;
    this.evaluation = null;
    return means;
  }
}
