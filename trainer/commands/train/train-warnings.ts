// Warnings before a run starts: about its images, its length and its continuation.
import { shortSize, sizeText, type ImageSize } from '../../../runtime-web/format/image-shape.ts';
import type { TrainConfig } from '../../config/fields.ts';
import { imageShape } from '../../config/image-size.ts';
import { findStages } from '../../config/stages.ts';
import { datasetNotes } from '../../data/dataset-notes.ts';
import { expectedLength, lengthWarnings } from '../../run/expected-length.ts';
import type { RunSetup } from '../../run/run-setup.ts';
import type { RunPlan } from './dry-run.ts';
import type { TrainOutput } from './train-output.ts';

/** Warns if half the images' size, or less, would do. */
export function warnOfEnlarging(
  { dataset: { naturalSize } }: RunSetup,
  config: TrainConfig,
  { listen }: TrainOutput,
): void {
  if (naturalSize === null) return;
  const size = imageShape(config);
  // Sizes that are half as large, and half of that, as long as the networks make them and no detail is lost.
  let enough: ImageSize = size;
  for (;;) {
    const half = { width: enough.width / 2, height: enough.height / 2 };
    if (half.width < naturalSize.width && half.height < naturalSize.height) break;
    if (findStages(half) === null) break;
    enough = half;
  }
  if (enough === size) return;
  const message =
    `the images have ${sizeText(naturalSize)} pixels and are enlarged to ${sizeText(size)}, ` +
    `which adds no detail and takes longer; --image-size ${shortSize(enough)} is enough`;
  listen({ type: 'warning', message });
}

/** Warns of a run that is too short, by the speed that the plan has measured, where it has. */
export function warnOfLength(
  { engine }: RunSetup,
  { config, recipe, estimate }: RunPlan,
  done: number,
  { listen }: TrainOutput,
): void {
  const length =
    estimate === null || config.minutes === null
      ? expectedLength(config, engine)
      : { images: done + estimate.images, isEstimated: true };
  if (length === null) return;
  for (const message of lengthWarnings(config, length, recipe?.name === 'modern')) {
    listen({ type: 'warning', message });
  }
}

/** Warns of unreadable and odd images, and of all in which a resumed run differs from the interrupted one. */
export function warnOfSetup({ dataset, differences }: RunSetup, { listen }: TrainOutput): void {
  const listed = ' (all are listed in unreadable.txt of the run)';
  for (const message of datasetNotes(dataset, listed)) listen({ type: 'warning', message });
  if (differences.length > 0) {
    const message = `${differences.join('; ')}: the run continues, but not bit for bit as without the interruption`;
    listen({ type: 'warning', message });
  }
}
