// A training on points in the plane: the same worker and loop as for images, with D's scores and the gradients of G's loss as a field.
import { mixtures, type Modes, type MixtureName } from '../format/plane/mixtures.ts';
import { countModes, modesOf, type ModeCount } from '../format/plane/modes.ts';
import type { LoadProgress } from '../protocol.ts';
import { trainingPoints, type GivenPoints } from '../training/points.ts';
import { openTrainer, type WorkerTrainer } from './load-trainer.ts';
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

const countedPoints = 2048;

/**
 * Loads networks for points, as the build of this package makes them. Computes on one WebAssembly thread: the networks are small, and
 * several trainings share the processor. Throws as `loadTrainer` does; RangeError for data that are no points.
 */
export async function loadPoints(url: string | URL, options: PointsOptions = {}): Promise<PointsTrainer> {
  const { data = 'eight', timeout = 60, seed, state, settings, signal, assets, onProgress } = options;
  const given: GivenPoints = { points: data };
  // Refuses data before anything is fetched.
  const points = trainingPoints(given);
  const trainer = await openTrainer(url, {
    ...{ seed, state, settings, signal, assets, onProgress, timeout },
    ...{ device: 'wasm', keep: false, threads: 1, maxBytes: 512 * 2 ** 20, data: given },
  });
  return pointsTrainer(trainer, (index) => points.image(index) as Float32Array, points.count, modesFor(data));
}

function modesFor(data: MixtureName | Float32Array): Modes {
  return typeof data === 'string' ? mixtures[data] : modesOf(data);
}

function pointsTrainer(
  trainer: WorkerTrainer,
  point: (index: number) => Float32Array,
  total: number,
  centres: Modes,
): PointsTrainer {
  const sample = (count: number): Promise<Float32Array> => {
    if (!(Number.isInteger(count) && count >= 1 && count <= 65_536))
      return Promise.reject(new RangeError(`sample: got ${count}, expected a whole number from 1 to 65536`));
    return trainer.ask(
      'samplePoints',
      Array.from({ length: count }, (_, seed) => seed),
    );
  };
  return {
    get package() {
      return trainer.package;
    },
    get device() {
      return trainer.device;
    },
    get warnings() {
      return trainer.warnings;
    },
    get report() {
      return trainer.report;
    },
    get settings() {
      return trainer.settings;
    },
    set: (change) => trainer.set(change),
    step: () => trainer.step(),
    run: (given) => trainer.run(given),
    pause: () => trainer.pause(),
    state: () => trainer.state(),
    load: (state) => trainer.load(state),
    dispose: () => trainer.dispose(),
    sample,
    real(count) {
      const points = new Float32Array(2 * count);
      for (let i = 0; i < count; i++) points.set(point(i % total), 2 * i);
      return points;
    },
    judge: (points) => asked(trainer, 'judgePoints', points),
    field: async (grid) => asked(trainer, 'judgePoints', gridPoints(grid)),
    slopes: (points) => asked(trainer, 'slopes', points),
    centres,
    modes: async (points) => countModes(points ?? (await sample(countedPoints)), centres),
  };
}

/** Throws RangeError for what is no list of points. */
async function asked(
  trainer: WorkerTrainer,
  name: 'judgePoints' | 'slopes',
  points: Float32Array,
): Promise<Float32Array> {
  if (!(points instanceof Float32Array) || points.length === 0 || points.length % 2 !== 0)
    throw new RangeError(
      `points: got ${points?.length ?? 'none'} numbers, expected x and y of each, as a Float32Array`,
    );
  return trainer.ask(name, points);
}

/** The places of a grid, [rows * columns, 2]. Throws RangeError for one without places. */
export function gridPoints({ columns, rows, extent = 3 }: PlaneGrid): Float32Array<ArrayBuffer> {
  for (const [name, count] of Object.entries({ columns, rows }))
    if (!(Number.isInteger(count) && count >= 2 && count <= 512))
      throw new RangeError(`${name}: got ${count}, expected a whole number from 2 to 512`);
  const at = (index: number, count: number): number => extent * ((2 * index) / (count - 1) - 1);
  const points = new Float32Array(2 * rows * columns);
  for (let i = 0; i < rows * columns; i++)
    points.set([at(i % columns, columns), -at(Math.floor(i / columns), rows)], 2 * i);
  return points;
}
