// The points that a plane shows and learns: those of a mixture, or of the visitor's drawing.
import { mixtureNames, pointOf, type MixtureName } from '../format/plane/mixtures.ts';
import { pointsOfDabs } from './drawing-pad.ts';

/** The data that a visitor may choose, the default first. */
export const dataNames = [...mixtureNames, 'drawing'] as const;
/** One of {@link dataNames}. */
export type DataName = (typeof dataNames)[number];

/** Points of a mixture on each panel. */
const shownPoints = 600;

/** The data as `loadPoints` takes them: a mixture's name, or the points of dabs [n, 2]. */
export function learnedPoints(data: DataName, dabs: readonly number[]): MixtureName | Float32Array {
  return data === 'drawing' ? pointsOfDabs(dabs) : data;
}

/** The points to show, [n, 2]. */
export function visiblePoints(data: DataName, dabs: readonly number[]): Float32Array {
  if (data === 'drawing') return pointsOfDabs(dabs);
  const points = new Float32Array(2 * shownPoints);
  for (let i = 0; i < shownPoints; i++) points.set(pointOf(data, i), 2 * i);
  return points;
}
