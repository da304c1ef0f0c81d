// Poisson blending (Pérez 2003, section 3; Yeh 2017, section 3.4): inside the hole the result keeps the gradients of the generated image, and
// at its edge it meets the known pixels. The difference of the two images is then a membrane: given at the edge, with a vanishing Laplacian
// inside. Solved by conjugate gradients.
import type { ImageShape, ImageSize } from '../image-shape.ts';

/** The largest residual, in [-1, 1], that counts as solved. */
const tolerance = 1e-7;

/**
 * The image [height, width, channels] that is `known` where `mask` [height, width] is 0, with `generated` blended in elsewhere; in [-1, 1]. If
 * nothing is known it is `generated`.
 */
export function poissonBlend(
  known: ArrayLike<number>,
  generated: ArrayLike<number>,
  mask: ArrayLike<number>,
  { width, height, channels }: ImageShape,
): Float32Array<ArrayBuffer> {
  const blended = Float32Array.from(known);
  const hole = holeOf(mask, { width, height });
  for (let c = 0; c < channels; c++) {
    const at = (pixel: number): number => pixel * channels + c;
    // In the hole, differences between neighbours equal those of `generated`; known neighbours go to the right side of the equations.
    const right = Float64Array.from(hole.known, (neighbours) =>
      neighbours.reduce((sum, pixel) => sum + known[at(pixel)]! - generated[at(pixel)]!, 0),
    );
    const difference = solve(hole, right);
    hole.pixels.forEach((pixel, i) => {
      const value = generated[at(pixel)]! + difference[i]!;
      blended[at(pixel)] = Math.min(1, Math.max(-1, value));
    });
  }
  return blended;
}

/** The missing pixels and their neighbours. */
interface Hole {
  readonly pixels: readonly number[];
  /** Number of neighbours inside the image. */
  readonly degrees: Float64Array;
  /** Missing neighbours, as indices into `pixels`; four for each pixel, -1 for none. */
  readonly missing: Int32Array;
  /** Known neighbours, as indices of pixels. */
  readonly known: readonly (readonly number[])[];
}

function holeOf(mask: ArrayLike<number>, { width, height }: ImageSize): Hole {
  const place = new Int32Array(width * height).fill(-1);
  const pixels: number[] = [];
  for (let i = 0; i < width * height; i++) {
    if (mask[i]! > 0) place[i] = pixels.push(i) - 1;
  }
  const missing = new Int32Array(pixels.length * 4).fill(-1);
  const degrees = new Float64Array(pixels.length);
  const known = pixels.map((pixel, i) => {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const neighbours = [
      ...(x > 0 ? [pixel - 1] : []),
      ...(x < width - 1 ? [pixel + 1] : []),
      ...(y > 0 ? [pixel - width] : []),
      ...(y < height - 1 ? [pixel + width] : []),
    ];
    degrees[i] = neighbours.length;
    const inHole = neighbours.filter((other) => place[other]! >= 0);
    inHole.forEach((other, k) => (missing[i * 4 + k] = place[other]!));
    return neighbours.filter((other) => place[other]! < 0);
  });
  return { pixels, degrees, missing, known };
}

/** Conjugate gradients on degrees · x - (sum of x over missing neighbours) = right. */
function solve({ pixels, degrees, missing }: Hole, right: Float64Array): Float64Array {
  const count = pixels.length;
  const x = new Float64Array(count);
  const residual = right.slice();
  const direction = right.slice();
  const product = new Float64Array(count);
  let square = dot(residual, residual);
  // In exact arithmetic it needs at max as many rounds as there are unknowns; with nothing known the right side is 0, and it needs none.
  for (let round = 0; round < 2 * count && largest(residual) > tolerance; round++) {
    for (let i = 0; i < count; i++) {
      let sum = degrees[i]! * direction[i]!;
      for (let k = i * 4; k < i * 4 + 4 && missing[k]! >= 0; k++) sum -= direction[missing[k]!]!;
      product[i] = sum;
    }
    const step = square / dot(direction, product);
    for (let i = 0; i < count; i++) {
      x[i]! += step * direction[i]!;
      residual[i]! -= step * product[i]!;
    }
    const next = dot(residual, residual);
    for (let i = 0; i < count; i++) direction[i] = residual[i]! + (next / square) * direction[i]!;
    square = next;
  }
  return x;
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};
const largest = (a: Float64Array): number => a.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
