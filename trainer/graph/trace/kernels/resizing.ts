// Resizing along one axis, by tfjs's conventions. Resizing is linear, so it is a matrix; the gradient is its
// transpose.

/** Sampling options of a resizing kernel, by their tfjs names. */
export interface Sampling {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** Position of each output pixel on the input's axis, in input pixels. */
function positions(input: number, output: number, { alignCorners, halfPixelCenters }: Sampling): number[] {
  const ends = alignCorners && output > 1 ? 1 : 0;
  const ratio = (input - ends) / (output - ends);
  return Array.from({ length: output }, (_, i) => ratio * (halfPixelCenters ? i + 0.5 : i));
}

/** The input pixel of each output pixel in nearest-neighbour resizing. */
export function nearestPixels(input: number, output: number, sampling: Sampling): number[] {
  const round = sampling.alignCorners ? Math.round : Math.floor;
  return positions(input, output, sampling).map((at) => Math.max(0, Math.min(input - 1, round(at))));
}

/** The resizing of one axis as a matrix [output, input], row-major. */
export function resizingMatrix(
  kind: 'nearest' | 'bilinear',
  input: number,
  output: number,
  sampling: Sampling,
): Float32Array {
  const matrix = new Float32Array(output * input);
  if (kind === 'nearest') {
    nearestPixels(input, output, sampling).forEach((pixel, i) => (matrix[i * input + pixel] = 1));
    return matrix;
  }
  positions(input, output, sampling).forEach((position, i) => {
    const at = sampling.halfPixelCenters ? position - 0.5 : position;
    const low = Math.max(0, Math.floor(at));
    const high = Math.min(input - 1, Math.ceil(at));
    matrix[i * input + low]! += 1 - (at - low);
    matrix[i * input + high]! += at - low;
  });
  return matrix;
}
