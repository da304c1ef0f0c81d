// A training on points in the plane: the same worker and loop as for images, with D's scores and the gradients of G's loss as a field.
import { openTrainer } from './load-trainer.ts';
import type { PointsOptions, PointsTrainer } from './points-trainer.ts';

/**
 * Loads networks for points, as the build of this package makes them. Computes on one WebAssembly thread: the networks are small, and
 * several trainings share the processor. Throws as `loadTrainer` does; RangeError for data that are no points.
 */
export async function loadPoints(url: string | URL, options: PointsOptions = {}): Promise<PointsTrainer> {
  const { openPoints } = await import('./open-points.ts');
  return openPoints((known) => openTrainer(url, known), options);
}
