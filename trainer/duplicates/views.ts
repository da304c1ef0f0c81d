// A picture as it is and as it would be with a little cut off, so that a cropped copy finds its like: what is searched
// for are views, several a picture. A copy cropped by an eighth or less lies near one of them.
import { pictureSize } from './picture.ts';

/** A square of a picture: its side as a share of the picture's, and how far its centre is from the picture's, in pixels. */
interface View {
  readonly side: number;
  readonly right: number;
  readonly down: number;
}

/** A side, and what is left of the picture in the middle and, moved as far as given, towards each corner. */
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

/** The whole picture first; then with a twentieth and with a tenth cut off. */
export const views: readonly View[] = [
  { side: 1, right: 0, down: 0 },
  ...fiveViews(0.95, 0.7),
  ...fiveViews(0.9, 1.2),
];

const middle = (pictureSize - 1) / 2;

/** Where each output of a view is read from along one axis: the pixel before, and how far towards the next. */
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

/** A view of a picture [32, 32, channels] uint8 into `target`, of the same shape and range. */
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
 * Takes the mean off and divides by the deviation (and a little, so that noise stays small), in place: brightness and
 * contrast are then the same for all.
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
