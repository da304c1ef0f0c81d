// Gaussian blur of small images. Outside the image the nearest border pixel is used.

/**
 * Blurs a plane [size, size] by a Gaussian of standard deviation `sigma` pixels, into the given plane or a new one.
 */
export type Blur = (plane: Float32Array, target?: Float32Array) => Float32Array;

/** Creates a blur for planes of one size, a multiple of 4; `sigma` is above 0. */
export function gaussianBlur(size: number, sigma: number): Blur {
  const radius = Math.ceil(3 * sigma);
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  weights.forEach((weight, i) => (weights[i] = weight / sum));
  const taps = weights.length;
  const line = new Float64Array(size + 2 * radius);
  const rows = new Float32Array(size * size);
  /** Blurs the rows of `from` and writes them transposed into `to`; applied twice, it blurs both ways. */
  const pass = (from: Float32Array, to: Float32Array): void => {
    for (let y = 0; y < size; y++) {
      const start = y * size;
      line.fill(from[start]!, 0, radius);
      for (let x = 0; x < size; x++) line[radius + x] = from[start + x]!;
      line.fill(from[start + size - 1]!, radius + size);
      // Four pixels at once: with a single sum, each addition waits for the previous one.
      for (let x = 0; x < size; x += 4) {
        let a = 0;
        let b = 0;
        let c = 0;
        let d = 0;
        let first = line[x]!;
        let second = line[x + 1]!;
        let third = line[x + 2]!;
        for (let t = 0; t < taps; t++) {
          const weight = weights[t]!;
          const fourth = line[x + t + 3]!;
          a += weight * first;
          b += weight * second;
          c += weight * third;
          d += weight * fourth;
          first = second;
          second = third;
          third = fourth;
        }
        const at = x * size + y;
        to[at] = a;
        to[at + size] = b;
        to[at + 2 * size] = c;
        to[at + 3 * size] = d;
      }
    }
  };
  return (plane, target = new Float32Array(size * size)) => {
    pass(plane, rows);
    pass(rows, target);
    return target;
  };
}
