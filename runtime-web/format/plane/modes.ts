// The count of the modes that samples cover: the rule of the benchmark `mixture` and of pages.
import type { Mode, Modes } from './mixtures.ts';

/** A mode counts as covered if at least this share of the points belongs to it (less where more than 25 modes share the points). */
export const minShare = 0.01;

/** A count of the modes. */
export interface ModeCount {
  /** Number of points at each mode; a point within reach of several counts for each. */
  readonly points: readonly number[];
  /** Number of covered modes. */
  readonly covered: number;
  /** Number of modes. */
  readonly total: number;
  /** Share of the points within reach of any mode. */
  readonly onModes: number;
}

/** Counts points [n, 2] at modes. */
export function countModes(points: ArrayLike<number>, { centres, reach }: Modes): ModeCount {
  const counts = centres.map(() => 0);
  const count = points.length / 2;
  let within = 0;
  for (let i = 0; i < count; i++) {
    let isWithin = false;
    centres.forEach(([x, y], k) => {
      if (Math.hypot(points[2 * i]! - x, points[2 * i + 1]! - y) > reach) return;
      counts[k]! += 1;
      isWithin = true;
    });
    if (isWithin) within += 1;
  }
  const least = Math.min(minShare, 0.25 / centres.length) * count;
  return {
    points: counts,
    covered: count === 0 ? 0 : counts.filter((each) => each >= least).length,
    total: centres.length,
    onModes: count === 0 ? 0 : within / count,
  };
}

/** Reach of the modes of given points. */
const reach = 0.25;

/** Modes of points [n, 2] without known ones: each point farther than twice the reach from all modes before it is a mode. */
export function modesOf(points: ArrayLike<number>): Modes {
  const centres: Mode[] = [];
  for (let i = 0; i + 1 < points.length; i += 2) {
    const point: Mode = [points[i]!, points[i + 1]!];
    const isNew = centres.every(([x, y]) => Math.hypot(point[0] - x, point[1] - y) > 2 * reach);
    if (isNew) centres.push(point);
  }
  return { centres, reach };
}
