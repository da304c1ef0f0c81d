// The calls of a training on points, over a trainer in a worker. A chunk of its own, so that pages that train on images fetch none of it: the
// function that opens the trainer is passed to it.
import { mixtures, type MixtureName, type Modes } from '../format/plane/mixtures.ts';
import { countModes, modesOf } from '../format/plane/modes.ts';
import { trainingPoints, type GivenPoints } from '../training/points.ts';
import type { PlaneGrid, PointsOptions, PointsTrainer } from './points-trainer.ts';
import type { KnownOptions } from './known-options.ts';
import type { WorkerTrainer } from './worker-trainer.ts';

const countedPoints = 2048;

/** Opens a training of these options by `open`. Throws as `loadPoints` does. */
export async function openPoints(
  open: (options: KnownOptions) => Promise<WorkerTrainer>,
  { data = 'eight', timeout = 60, seed, state, settings, signal, assets, onProgress }: PointsOptions,
): Promise<PointsTrainer> {
  const given: GivenPoints = { points: data };
  // Refuses data before anything is fetched.
  const points = trainingPoints(given);
  const trainer = await open({
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
