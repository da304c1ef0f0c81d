// Poisson blending (Pérez 2003, section 3; Yeh 2017, section 3.4): in the hole the picture keeps the drawn picture's gradients,
// and at the hole's edge it meets the known pixels. Written for the difference of the two it is a membrane: the difference that
// stands at the edge is spread over the hole so that its Laplacian vanishes. Solved by conjugate gradients.

/** The largest residual, in [-1, 1], that counts as solved. */
const tolerance = 1e-7;

/**
 * The picture [side · side · channels] that is `known` where `mask` [side · side] is 0, and `drawn` blended in where it is
 * not; values stay in [-1, 1]. Where nothing is known it is `drawn`.
 */
export function poissonBlend(
  known: ArrayLike<number>,
  drawn: ArrayLike<number>,
  mask: ArrayLike<number>,
  side: number,
  channels: number,
): Float32Array<ArrayBuffer> {
  const blended = Float32Array.from(known);
  const hole = holeOf(mask, side);
  for (let c = 0; c < channels; c++) {
    const at = (pixel: number): number => pixel * channels + c;
    // Each pixel of the hole wants to differ from its neighbours as `drawn` does; for known neighbours that is the right side.
    const right = Float64Array.from(hole.known, (neighbours) =>
      neighbours.reduce((sum, pixel) => sum + known[at(pixel)]! - drawn[at(pixel)]!, 0),
    );
    const difference = solve(hole, right);
    hole.pixels.forEach((pixel, i) => {
      const value = drawn[at(pixel)]! + difference[i]!;
      blended[at(pixel)] = Math.min(1, Math.max(-1, value));
    });
  }
  return blended;
}

/** The missing pixels and who their neighbours are. */
interface Hole {
  readonly pixels: readonly number[];
  /** Number of neighbours inside the picture. */
  readonly degrees: Float64Array;
  /** Neighbours that are missing too, as places in `pixels`; four for each, -1 for none. */
  readonly missing: Int32Array;
  /** Neighbours that are known, as pixels. */
  readonly known: readonly (readonly number[])[];
}

function holeOf(mask: ArrayLike<number>, side: number): Hole {
  const place = new Int32Array(side * side).fill(-1);
  const pixels: number[] = [];
  for (let i = 0; i < side * side; i++) {
    if (mask[i]! > 0) place[i] = pixels.push(i) - 1;
  }
  const missing = new Int32Array(pixels.length * 4).fill(-1);
  const degrees = new Float64Array(pixels.length);
  const known = pixels.map((pixel, i) => {
    const [x, y] = [pixel % side, Math.floor(pixel / side)];
    const neighbours = [
      ...(x > 0 ? [pixel - 1] : []),
      ...(x < side - 1 ? [pixel + 1] : []),
      ...(y > 0 ? [pixel - side] : []),
      ...(y < side - 1 ? [pixel + side] : []),
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
  // On paper it ends after as many rounds as there are unknowns; with nothing known there is no right side, and none.
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
const largest = (a: Float64Array): number => a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
