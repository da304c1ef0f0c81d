// The memory that a training takes, estimated before it is taken.
import { lengthOf } from '../../format/image-shape.ts';
import { lengthOfShape } from '../../format/training/tensors.ts';
import type { TrainablePackage } from '../../format/training/trainable.ts';
import type { TrainingImages } from '../../training/images.ts';

/** Bytes that a training on `count` images takes, about. */
export function bytesOfTraining({ trainable, ...shape }: TrainablePackage, count: number): number {
  const numbers = trainable.state.reduce((sum, entry) => sum + lengthOfShape(entry.shape), 0);
  // The state and the next one, each in the script's memory and in WebAssembly's, and the page's copy.
  return 5 * 4 * numbers + count * lengthOf(shape);
}

/** Throws RangeError for a training that takes more memory than the limit. */
export function checkMemory(opened: TrainablePackage, images: TrainingImages, maxBytes: number): void {
  const bytes = bytesOfTraining(opened, images.count);
  if (bytes <= maxBytes) return;
  const megabytes = (value: number): string => `${Math.ceil(value / 2 ** 20)} MB`;
  throw new RangeError(
    `maxBytes: the training takes about ${megabytes(bytes)}, more than ${megabytes(maxBytes)}; ask the user and give maxBytes: ${bytes}, or take a smaller package`,
  );
}
