// The public interface of a training on points: the object that `loadPoints` resolves to, and its options.
import type { MixtureName, Modes } from '../format/plane/mixtures.ts';
import type { ModeCount } from '../format/plane/modes.ts';
import type { LoadProgress } from '../protocol.ts';
import type { Trainer, TrainerOptions } from './trainer.ts';

/** Options of `loadPoints`. */
export interface PointsOptions extends Pick<
  TrainerOptions,
  'seed' | 'state' | 'settings' | 'timeout' | 'signal' | 'assets'
> {
  /** A mixture (default `eight`), or points [n, 2], 2 or more. */
  readonly data?: MixtureName | Float32Array | undefined;
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
}

/** Places in the plane at equal distances, row by row from the top left. */
export interface PlaneGrid {
  readonly columns: number;
  readonly rows: number;
  /** The grid reaches from -extent to extent, in both directions; default 3. */
  readonly extent?: number | undefined;
}

/** A training on points in a worker. */
export interface PointsTrainer extends Pick<
  Trainer,
  | ('package' | 'device' | 'warnings' | 'report' | 'settings')
  | ('set' | 'run' | 'pause' | 'state' | 'load' | 'dispose')
> {
  /** One step, of the next batch. */
  step(): ReturnType<Trainer['step']>;
  /** G's points of the first seeds, [count, 2]; the same seeds each time, so points move as G learns. */
  sample(count: number): Promise<Float32Array>;
  /** Points of the data, [count, 2]. */
  real(count: number): Float32Array;
  /** D's outputs for points [n, 2]: probabilities that each is real, or scores, as `report.dReal`. */
  judge(points: Float32Array): Promise<Float32Array>;
  /** D's outputs at the places of a grid, [rows * columns]. */
  field(grid: PlaneGrid): Promise<Float32Array>;
  /** The gradient of G's loss at points [n, 2], each of its own part: G moves its points against it. Unrolled, if the method is. */
  slopes(points: Float32Array): Promise<Float32Array>;
  /** The modes of the data. Those of given points are chosen among them, at least 0.5 apart. */
  readonly centres: Modes;
  /** Counts the modes that `points` (default: 2,048 of G's) cover: 1% of them within a mode's reach. */
  modes(points?: Float32Array): Promise<ModeCount>;
}
