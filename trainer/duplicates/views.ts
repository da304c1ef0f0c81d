// Views of an image: the whole image and slight crops, so that a cropped copy finds its original. A copy cropped by an eighth or
// less is close to one of the views.
import { pictureSize } from './picture.ts';

/** A crop: its side as a fraction of the image's, and the shift of its centre in pixels. */
interface View {
  readonly side: number;
  readonly right: number;
  readonly down: number;
}

/** Crops of one side: the central one and, moved by the given shift, one towards each corner. */
function fiveViews(side: number, shift: number): readonly View[] {
  const shifts = [
    [0, 0],
    [shift, shift],
    [-shift, shift],
    [shift, -shift],
    [-shift, -shift],
  ] as const;
  return shifts.map(([right, down]) => ({ side, right, down }));
}

/** The whole image first, then crops by a twentieth and a tenth. */
export const views: readonly View[] = [
  { side: 1, right: 0, down: 0 },
  ...fiveViews(0.95, 0.7),
  ...fiveViews(0.9, 1.2),
];

const middle = (pictureSize - 1) / 2;

/** For each output pixel along one axis, the source pixel before it and the weight of the next one. */
function taps(side: number, shift: number): { readonly from: Int32Array; readonly part: Float32Array } {
  const from = new Int32Array(pictureSize);
  const part = new Float32Array(pictureSize);
  for (let i = 0; i < pictureSize; i++) {
    const at = Math.min(pictureSize - 1, Math.max(0, (i - middle) * side + middle + shift));
    from[i] = Math.min(pictureSize - 2, Math.floor(at));
    part[i] = at - from[i]!;
  }
  return { from, part };
}

const prepared = views.map(({ side, right, down }) => ({ x: taps(side, right), y: taps(side, down) }));

/** Writes a view of an image [32, 32, channels] uint8 into `target`, of the same shape and range. */
export function viewInto(bytes: Uint8Array, channels: 1 | 3, view: number, target: Float32Array): void {
  const { x, y } = prepared[view]!;
  const row = pictureSize * channels;
  for (let i = 0, to = 0; i < pictureSize; i++) {
    const top = y.from[i]! * row;
    const fy = y.part[i]!;
    for (let j = 0; j < pictureSize; j++) {
      const left = top + x.from[j]! * channels;
      const fx = x.part[j]!;
      for (let c = 0; c < channels; c++) {
        const at = left + c;
        const above = bytes[at]! * (1 - fx) + bytes[at + channels]! * fx;
        const below = bytes[at + row]! * (1 - fx) + bytes[at + row + channels]! * fx;
        target[to++] = above * (1 - fy) + below * fy;
      }
    }
  }
}

/**
 * Subtracts the mean and divides by the standard deviation (plus a little, so that noise stays small), in place:
 * brightness and contrast are then equal for all images.
 */
export function standardise(values: Float32Array): void {
  let [sum, squares] = [0, 0];
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  const deviation = Math.sqrt(Math.max(0, squares / values.length - mean * mean)) + 4;
  for (let i = 0; i < values.length; i++) values[i] = (values[i]! - mean) / deviation;
}
