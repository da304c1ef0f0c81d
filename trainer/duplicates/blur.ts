// Blurs small pictures with a Gaussian; what would lie outside is the nearest border pixel.

/** Blurs one plane [size, size] by a Gaussian of deviation `sigma` pixels into a new one. */
export type Blur = (plane: Float32Array) => Float32Array;

/** Prepares a blur of planes of one size; `sigma` above 0. */
export function gaussianBlur(size: number, sigma: number): Blur {
  const radius = Math.ceil(3 * sigma);
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  weights.forEach((weight, i) => (weights[i] = weight / sum));
  const line = new Float64Array(size + 2 * radius);
  const rows = new Float32Array(size * size);
  /** Blurs the lines of `from` along themselves and lays them across `to`: twice, it is both ways. */
  const pass = (from: Float32Array, to: Float32Array): void => {
    for (let y = 0; y < size; y++) {
      for (let x = -radius; x < size + radius; x++) {
        line[x + radius] = from[y * size + Math.min(size - 1, Math.max(0, x))]!;
      }
      for (let x = 0; x < size; x++) {
        let value = 0;
        for (let t = 0; t < weights.length; t++) value += weights[t]! * line[x + t]!;
        to[x * size + y] = value;
      }
    }
  };
  return (plane) => {
    const blurred = new Float32Array(size * size);
    pass(plane, rows);
    pass(rows, blurred);
    return blurred;
  };
}
