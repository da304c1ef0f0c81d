// The numbers by which ADA moves images, one affine map for each: two passes (Catmull and Smith 1980), along the rows to a place that depends
// linearly on the row, then along the columns to one that depends linearly on the column. `resample` of the trainer's step applies them.
import type { ImageSize } from '../../image-shape.ts';
import type { Affine } from './affine.ts';

/** Share of the frequencies that are kept whole where pixels lie between pixels; the rest fade out, so that edges do not ring. */
const wholeBand = 0.7;

/** The side of the square that an image is resampled in. */
export const sideOf = ({ width, height }: ImageSize): number => Math.max(width, height);

/** The shapes of the tensors that the step takes. */
export function resamplingInputs(
  batch: number,
  size: ImageSize,
): Readonly<Record<'isMoved' | 'isTurned' | 'angles' | 'bands', readonly number[]>> {
  const side = sideOf(size);
  return {
    isMoved: [batch, 1, 1, 1],
    isTurned: [batch, 1, 1, 1],
    angles: [batch, 2, 4 * side],
    bands: [batch, 2, side],
  };
}

/** An image's map from the pixels to make to those of the image. */
export interface Movement {
  readonly map: Affine;
  /** True if every pixel made is a pixel of the image or of its mirror images; nothing fades then. */
  readonly isExact: boolean;
}

/**
 * Writes the values of image `index` into the data of {@link resamplingInputs}; null for an image that stays as it is. `angles` has a row
 * of cosines and one of sines: of the places that each pass makes, then of the shares of its rows.
 */
export function writeMovement(
  data: Readonly<Record<keyof ReturnType<typeof resamplingInputs>, Float32Array>>,
  index: number,
  size: ImageSize,
  movement: Movement | null,
): void {
  const side = sideOf(size);
  const isTurned = movement !== null && Math.abs(movement.map.b) > Math.abs(movement.map.d);
  data.isMoved[index] = movement === null ? 0 : 1;
  data.isTurned[index] = isTurned ? 1 : 0;
  const write = (at: number, angle: number): void => {
    data.angles[8 * index * side + at] = Math.cos(angle);
    data.angles[(8 * index + 4) * side + at] = Math.sin(angle);
  };
  const passes = passesOf(movement?.map ?? null, isTurned);
  for (const [pass, { factor, offset, slope }] of passes.entries()) {
    for (let i = 0; i < side; i++) {
      const fromCentre = i - (side - 1) / 2;
      write(pass * side + i, (Math.PI * (factor * fromCentre + offset + side / 2)) / side);
      write((2 + pass) * side + i, (Math.PI * slope * fromCentre) / side);
      data.bands[(2 * index + pass) * side + i] =
        movement === null || movement.isExact ? 1 : bandWeight(i, side / Math.max(1, Math.abs(factor)));
    }
  }
}

/** A pass reads the pixel at `factor` times the pixel made, plus `offset`, plus `slope` times the row. */
interface Pass {
  readonly factor: number;
  readonly offset: number;
  readonly slope: number;
}

/** The two passes of a map: along the rows of the image (of its transpose, if it is turned), then along the columns. */
function passesOf(map: Affine | null, isTurned: boolean): readonly [Pass, Pass] {
  if (map === null) return [still, still];
  const { a, b, e, c, d, g } = isTurned
    ? { a: map.c, b: map.d, e: map.g, c: map.a, d: map.b, g: map.e }
    : map;
  return [
    { factor: a - (b * c) / d, slope: b / d, offset: e - (b * g) / d },
    { factor: d, slope: c, offset: g },
  ];
}

const still: Pass = { factor: 1, slope: 0, offset: 0 };

/** The weight of frequency `k` if those from `end` on are too fine for the pixels made: 1, falling to 0 as half a cosine. */
function bandWeight(k: number, end: number): number {
  const share = (k / end - wholeBand) / (1 - wholeBand);
  return share <= 0 ? 1 : share >= 1 ? 0 : 0.5 + 0.5 * Math.cos(Math.PI * share);
}
