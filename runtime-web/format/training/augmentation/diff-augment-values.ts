// The random numbers of DiffAugment (Zhao 2020): colours, a shift and a square of zeros. `diffAugment` of the trainer's step applies them.
import type { ImageSize } from '../../image-shape.ts';
import type { LatentRandom } from '../../random.ts';
import { lengthOfShape, type Shapes } from '../tensors.ts';
import type { AugmentName } from './names.ts';

/** Number and size of the images to augment. */
export interface AugmentedImages extends ImageSize {
  readonly batch: number;
}

/** Shapes of the random tensors that the step takes for one pass, by name. */
export function diffAugmentInputs(
  names: readonly AugmentName[],
  { batch, width, height }: AugmentedImages,
): Shapes {
  const inputs: Record<string, readonly number[]> = {};
  if (names.includes('color')) {
    inputs['brightness'] = inputs['saturation'] = inputs['contrast'] = [batch, 1, 1, 1];
  }
  if (names.includes('translation')) {
    inputs['rows'] = [batch, height, height];
    inputs['columns'] = [batch, width, width];
  }
  if (names.includes('cutout')) inputs['kept'] = [batch, height, width, 1];
  return inputs;
}

/**
 * Draws one of the tensors of {@link diffAugmentInputs}, with the ranges of the paper's code. Each change of an image happens with
 * `probability`: its brightness, saturation and contrast, its shift along each axis, and its cutout. Throws RangeError for another name.
 */
export function drawDiffAugment(
  name: string,
  shape: readonly number[],
  random: LatentRandom,
  probability: number,
): Float32Array<ArrayBuffer> {
  const [batch = 0, size = 0, across = 0] = shape;
  const data = new Float32Array(lengthOfShape(shape));
  // No number is drawn for what always happens, so that such runs are as they were before probabilities.
  const isChosen = (): boolean => probability === 1 || random.uniform() < probability;
  if (name === 'rows' || name === 'columns') {
    const limit = Math.floor(size / 8 + 0.5);
    for (let i = 0; i < batch; i++) {
      const drawn = wholeNumber(random, -limit, limit);
      const shift = isChosen() ? drawn : 0;
      // Row y of the result is row y + shift of the image, or zeros. Matrices of columns are multiplied from the right.
      for (let y = 0; y < size; y++) {
        const from = y + shift;
        if (from < 0 || from >= size) continue;
        data[(i * size + (name === 'rows' ? y : from)) * size + (name === 'rows' ? from : y)] = 1;
      }
    }
  } else if (name === 'kept') {
    const [tall, wide] = [Math.floor(size / 2 + 0.5), Math.floor(across / 2 + 0.5)];
    data.fill(1);
    for (let i = 0; i < batch; i++) {
      const [top, left] = [
        wholeNumber(random, 0, size) - tall / 2,
        wholeNumber(random, 0, across) - wide / 2,
      ];
      if (!isChosen()) continue;
      for (let y = Math.max(0, Math.ceil(top)); y < Math.min(size, top + tall); y++) {
        for (let x = Math.max(0, Math.ceil(left)); x < Math.min(across, left + wide); x++) {
          data[(i * size + y) * across + x] = 0;
        }
      }
    }
  } else {
    const [min, max] = rangeOf(name);
    for (let i = 0; i < batch; i++) {
      const drawn = min + (max - min) * random.uniform();
      data[i] = isChosen() ? drawn : (min + max) / 2;
    }
  }
  return data;
}

/** A random whole number from `min` to `max`, both included. */
function wholeNumber(random: LatentRandom, min: number, max: number): number {
  return min + Math.floor(random.uniform() * (max - min + 1));
}

/** Smallest and largest value of a change of colour. */
function rangeOf(name: string): readonly [number, number] {
  if (name === 'brightness') return [-0.5, 0.5];
  if (name === 'saturation') return [0, 2];
  if (name === 'contrast') return [0.5, 1.5];
  throw new RangeError(
    `augmentation: got '${name}', expected brightness, saturation, contrast, rows, columns or kept`,
  );
}
