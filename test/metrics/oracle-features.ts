// Features that Python makes just so: the oracles in these suites are NumPy's and SciPy's figures for them.
//
//   def data(seed, n, d, shift):
//       x = np.empty(n * d); s = seed
//       for i in range(n * d):
//           s = (s * 1103515245 + 12345) % 2147483648; x[i] = s / 2147483648
//       M = np.fromfunction(lambda i, j: np.cos(i * 3 + j * 2) + (i == j), (d, d))
//       return ((x.reshape(n, d) - 0.5) @ M + shift).astype(np.float32)
import type { FeatureRows } from '../../trainer/metrics/products.ts';

/** The rows that the function above gives. */
export function oracleFeatures(seed: number, count: number, dim: number, shift: number): FeatureRows {
  let state = BigInt(seed);
  const raw = Float64Array.from({ length: count * dim }, () => {
    state = (state * 1103515245n + 12345n) % 2147483648n;
    return Number(state) / 2147483648 - 0.5;
  });
  const data = new Float32Array(count * dim);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < dim; j++) {
      let sum = shift;
      for (let k = 0; k < dim; k++) {
        sum += raw[i * dim + k]! * (Math.cos(k * 3 + j * 2) + Number(k === j));
      }
      data[i * dim + j] = sum;
    }
  }
  return { count, dim, data };
}
