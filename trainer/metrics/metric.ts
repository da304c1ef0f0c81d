// The interface of a metric: a row of table.ts. `dcgan evaluate` derives its flags, JSON line, printed table and the metrics of
// model.json from the rows. So a new metric is a file that exports a row, and a line in the table.
import type { Rule } from '../config/rules.ts';
import type { FindingPicture } from '../findings/findings.ts';
import type { ModelPackage } from '../model-package/read-package.ts';
import type { FeatureNetwork } from './feature-network.ts';
import type { SetFeatures } from './gather-features.ts';
import type { ImageSet, ImageSetFacts } from './image-set.ts';
import type { PairMean } from './pair-mean.ts';
import type { LayerWeights } from './perceptual-distance.ts';
import type { Products } from './products.ts';

/** One side of a measurement: images `first` to `first + count` of a set, and their features. */
export interface MeasuredSet {
  readonly set: ImageSet;
  readonly first: number;
  readonly count: number;
  readonly features: SetFeatures;
}

/** The inputs of a metric. A is measured against B. */
export interface Measuring {
  readonly network: FeatureNetwork;
  /** One list for each layer of the network; null weights every channel equally. */
  readonly weights: LayerWeights;
  readonly products: Products;
  readonly a: MeasuredSet;
  readonly b: MeasuredSet;
  /** A's package; null if A is data. */
  readonly model: ModelPackage | null;
  /** Max number of images of each set. */
  readonly most: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress: (job: string, done: number, total: number) => void;
}

/** The figure of one class; `frechet` is null for too few images. */
export interface ClassFigure {
  readonly frechet: number | null;
  readonly countA: number;
  readonly countB: number;
}

/** The figures of all classes, by name. */
export interface PerClass {
  readonly classes: Readonly<Record<string, ClassFigure>>;
}

/** A figure; null if it cannot be measured with this network. */
export type Figure = number | PairMean | PerClass | null;

/** The result of a metric. */
export interface Measured {
  /** By the metric's keys. */
  readonly figures: Readonly<Record<string, Figure>>;
  /** Lines of the printed table: a name and a formatted value. */
  readonly rows: readonly (readonly [string, string])[];
  /** Settings that the figures depend on. */
  readonly protocol?: Readonly<Record<string, number>>;
  /** Why figures are null, if they are: printed, and in the JSON line. */
  readonly reason?: string;
  readonly picture?: FindingPicture;
}

/** A flag of `dcgan evaluate` that requests a metric: a switch, or a number above 0. */
export interface MetricFlag {
  /** The flag as in the help: `--neighbours <n>`. */
  readonly usage: `--${string}`;
  readonly about: string;
  /** Rule and default of a flag with a number; absent for a switch. */
  readonly number?: { readonly rule: Rule<number>; readonly initial: number };
}

/** The result of a metric that is not measured: its figures are null, for a reason that says what to do. */
export const notMeasured = (name: string, reason: string): Measured => ({
  figures: {},
  rows: [[name, `not measured: ${reason}`]],
  reason,
});

/** A row of the table. */
export interface Metric {
  /** Keys of its figures in JSON, in order. */
  readonly keys: readonly string[];
  /** The keys that `--write` stores in model.json. Default: none. */
  readonly stored?: readonly string[];
  /** The flag that requests it. A metric without one is always measured, from features only. */
  readonly flag?: MetricFlag;
  /** True if it needs activations of the network's layers. Default false. */
  readonly needsLayers?: boolean;
  /** If A must be a model: the reason, for the error message. */
  readonly needsModel?: string;
  /** Throws UserError for sets that it cannot measure; called before a network is loaded or an image decoded. */
  check?(a: ImageSetFacts, b: ImageSetFacts, signal: AbortSignal): Promise<void>;
  /** Measures; `amount` is the flag's number, 1 for a switch. Throws UserError, the signal's reason when aborted. */
  measure(measuring: Measuring, amount: number): Promise<Measured> | Measured;
}

/** A number with about four significant digits. */
export const shown = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(1) : value.toPrecision(4);
