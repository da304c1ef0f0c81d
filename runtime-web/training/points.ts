// The points that a page trains on: a mixture, drawn point by point when a batch needs them, or given points.
import { mixtureNames, pointOf, type MixtureName } from '../format/plane/mixtures.ts';
import type { TrainingImages } from './images.ts';

/** The data of a training on points: a mixture's name, or points [n, 2], 2 or more. */
export interface GivenPoints {
  readonly points: MixtureName | Float32Array;
}

/** Number of points of a mixture: a training sees each of them about once. */
const mixturePoints = 2 ** 22;

/** The points of a training. Throws RangeError for an unknown mixture, and for points that are too few or not finite; TypeError for else. */
export function trainingPoints({ points }: GivenPoints): TrainingImages {
  const shared = { labels: null, row: null };
  if (typeof points === 'string') {
    if (!mixtureNames.includes(points))
      throw new RangeError(`data: got ${points}, expected ${mixtureNames.join(', ')} or points`);
    const image = (index: number): Float32Array => Float32Array.from(pointOf(points, index));
    return { ...shared, name: points, count: mixturePoints, image };
  }
  if (!(points instanceof Float32Array))
    throw new TypeError(`data: expected ${mixtureNames.join(', ')} or a Float32Array of points`);
  const count = points.length / 2;
  if (!(Number.isInteger(count) && count >= 2))
    throw new RangeError(`data: got ${points.length} numbers, expected x and y of at least 2 points`);
  const bad = points.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new RangeError(`data: number ${bad} is ${points[bad]}, expected finite numbers`);
  return { ...shared, name: 'points', count, image: (index) => points.subarray(2 * index, 2 * index + 2) };
}
