// The parts of the training worker that only points need.
import { checkPoints } from '../../format/training/check-points.ts';
import type { TrainablePackage } from '../../format/training/trainable.ts';
import type { TrainingImages } from '../../training/images.ts';
import { trainingPoints, type GivenPoints } from '../../training/points.ts';

export { slopesAt } from '../../training/slopes.ts';

/** The points of a training of a package. Throws ModelFormatError as `checkPoints` does, and what `trainingPoints` throws. */
export function pointsOf(given: GivenPoints, opened: TrainablePackage, url: string): TrainingImages {
  checkPoints(opened, url);
  return trainingPoints(given);
}
