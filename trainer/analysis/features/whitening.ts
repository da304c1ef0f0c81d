// ZCA whitening (Coates, Lee and Ng 2011, section 3.1): the decorrelating linear map that changes the data least.
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/** x → (x - mean) · map */
export interface Whitening {
  /** [width] */
  readonly mean: Float64Array;
  /** [width, width], symmetric, row-major. */
  readonly map: Float64Array;
}

/** Added to every variance, so that noise is not amplified. */
const varianceFloor = 0.1;

/**
 * Computes the whitening of rows [n, width]: V (D + 0.1)^-½ Vᵀ of their covariance V D Vᵀ, taken over n - 1.
 */
export function whiteningOf(rows: Float32Array, width: number): Whitening {
  const count = rows.length / width;
  const mean = new Float64Array(width);
  for (let i = 0; i < rows.length; i++) mean[i % width]! += rows[i]! / count;
  const covariance = Matrix.zeros(width, width);
  const centred = new Float64Array(width);
  const sums = Array.from({ length: width }, () => new Float64Array(width));
  for (let start = 0; start < rows.length; start += width) {
    for (let a = 0; a < width; a++) centred[a] = rows[start + a]! - mean[a]!;
    for (let a = 0; a < width; a++) {
      const [sum, value] = [sums[a]!, centred[a]!];
      for (let b = a; b < width; b++) sum[b]! += value * centred[b]!;
    }
  }
  for (let a = 0; a < width; a++) {
    for (let b = a; b < width; b++) {
      const value = sums[a]![b]! / Math.max(1, count - 1);
      covariance.set(a, b, value);
      covariance.set(b, a, value);
    }
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, {
    assumeSymmetric: true,
  });
  // Rounding can make a zero variance negative.
  const scales = realEigenvalues.map((value) => 1 / Math.sqrt(Math.max(0, value) + varianceFloor));
  const map = eigenvectorMatrix.mmul(Matrix.diag(scales)).mmul(eigenvectorMatrix.transpose());
  return { mean, map: Float64Array.from(map.to1DArray()) };
}

/** Rows [n, width], whitened. */
export function whiten(rows: Float32Array, { mean, map }: Whitening): Float32Array<ArrayBuffer> {
  const width = mean.length;
  const whitened = new Float32Array(rows.length);
  const sums = new Float64Array(width);
  for (let start = 0; start < rows.length; start += width) {
    sums.fill(0);
    for (let a = 0; a < width; a++) {
      const value = rows[start + a]! - mean[a]!;
      for (let b = 0; b < width; b++) sums[b]! += value * map[a * width + b]!;
    }
    whitened.set(sums, start);
  }
  return whitened;
}
