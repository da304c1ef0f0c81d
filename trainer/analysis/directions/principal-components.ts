// Principal components of many long rows without their covariance matrix: power iterations turn a random subspace into the
// leading one, in which the components are computed (Halko 2011, algorithms 4.4 and 5.3). ml-matrix does the small dense steps.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { EigenvalueDecomposition, Matrix, QrDecomposition } from 'ml-matrix';
import type { Random } from '../../../runtime-web/format/random.ts';

/** The leading principal components of rows. */
export interface PrincipalComponents {
  /** Unit vectors [width], by falling variance; the largest number of each is positive. */
  readonly components: readonly Float64Array[];
  /** Variance along each component; 0 if it is below rounding error. */
  readonly variances: readonly number[];
  /** Total variance over all columns. */
  readonly totalVariance: number;
  /** Coordinates of each row along the components, relative to the mean: [rows, components]. */
  readonly scores: Float64Array;
}

/** Extra directions, which speed up convergence. */
const oversampling = 24;
const maxIterations = 40;
/** Converged when no variance changes by more than this fraction. */
const tolerance = 1e-6;

/** Eigenvalues, falling, and unit eigenvectors of a symmetric matrix. */
export function eigenvectors(matrix: Matrix): {
  readonly values: number[];
  readonly vectors: Float64Array[];
} {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, {
    assumeSymmetric: true,
  });
  const order = realEigenvalues.map((_, i) => i).sort((i, j) => realEigenvalues[j]! - realEigenvalues[i]!);
  return {
    values: order.map((i) => realEigenvalues[i]!),
    vectors: order.map((i) => pointed(Float64Array.from(eigenvectorMatrix.getColumn(i)))),
  };
}

/** The vector or its negative: the one whose largest number is positive, so that the sign is reproducible. */
function pointed(vector: Float64Array): Float64Array {
  const largest = vector.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
  return largest < 0 ? vector.map((value) => -value) : vector;
}

/**
 * The `count` leading components of `rows` [n, width], n at least 2; fewer if n or `width` is smaller. Throws the signal's
 * reason when aborted.
 */
export async function principalComponents(given: {
  readonly rows: Float32Array;
  readonly width: number;
  readonly count: number;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Called after each round; the rounds end before `total` if the variances converge. */
  readonly onProgress?: (done: number, total: number) => void;
}): Promise<PrincipalComponents> {
  const { rows, width, count, random, signal, onProgress } = given;
  const n = rows.length / width;
  const mean = new Float64Array(width);
  for (let i = 0; i < n; i++) for (let j = 0; j < width; j++) mean[j]! += rows[i * width + j]! / n;
  let totalVariance = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < width; j++) totalVariance += (rows[i * width + j]! - mean[j]!) ** 2 / (n - 1);
  }
  // Variances below the rounding error of numbers of this size count as 0.
  const noise = 1e-12 * (totalVariance + mean.reduce((sum, value) => sum + value ** 2, 0));
  const size = Math.min(count + oversampling, n, width);
  let basis = orthonormal(
    Float64Array.from({ length: width * size }, () => random.normal()),
    width,
    size,
  );
  let before: number[] = [];
  for (let iteration = 0; ; iteration++) {
    // Lets the event loop run, so that Ctrl-C works between rounds.
    await nextTurn();
    signal.throwIfAborted();
    onProgress?.(iteration, maxIterations);
    const projected = project(rows, mean, basis, n, width, size); // [n, size]
    const inside = new Matrix(size, size);
    for (let i = 0; i < n; i++) {
      for (let a = 0; a < size; a++) {
        const value = projected[i * size + a]! / (n - 1);
        for (let b = 0; b < size; b++) {
          inside.set(a, b, inside.get(a, b) + value * projected[i * size + b]!);
        }
      }
    }
    const { values, vectors } = eigenvectors(inside);
    const leading = values.slice(0, count);
    const isConverged = leading.every(
      (value, k) => Math.abs(value - (before[k] ?? Infinity)) <= tolerance * leading[0]!,
    );
    if (!isConverged && iteration < maxIterations) {
      before = leading;
      basis = orthonormal(projectBack(rows, mean, projected, n, width, size), width, size);
      continue;
    }
    const kept = Math.min(count, size);
    const scores = new Float64Array(n * kept);
    const components = Array.from({ length: kept }, (_, k) => {
      const along = new Float64Array(width);
      for (let j = 0; j < width; j++) {
        for (let a = 0; a < size; a++) along[j]! += basis[j * size + a]! * vectors[k]![a]!;
      }
      const component = pointed(along);
      const sign = component === along ? 1 : -1;
      for (let i = 0; i < n; i++) {
        let score = 0;
        for (let a = 0; a < size; a++) score += projected[i * size + a]! * vectors[k]![a]!;
        scores[i * kept + k] = sign * score;
      }
      return component;
    });
    return {
      components,
      variances: leading.slice(0, kept).map((value) => (value > noise ? value : 0)),
      totalVariance: totalVariance > noise ? totalVariance : 0,
      scores,
    };
  }
}

/** Orthonormalises columns [width, size]. */
function orthonormal(columns: Float64Array, width: number, size: number): Float64Array {
  const { orthogonalMatrix } = new QrDecomposition(Matrix.from1DArray(width, size, columns));
  return Float64Array.from(orthogonalMatrix.to1DArray());
}

/** (rows − mean) · basis: [n, size]. */
function project(
  rows: Float32Array,
  mean: Float64Array,
  basis: Float64Array,
  n: number,
  width: number,
  size: number,
): Float64Array {
  const out = new Float64Array(n * size);
  const sum = new Float64Array(size);
  for (let i = 0; i < n; i++) {
    sum.fill(0);
    for (let j = 0; j < width; j++) {
      const value = rows[i * width + j]! - mean[j]!;
      const at = j * size;
      for (let a = 0; a < size; a++) sum[a]! += value * basis[at + a]!;
    }
    out.set(sum, i * size);
  }
  return out;
}

/** (rows − mean)ᵀ · projected: [width, size]. */
function projectBack(
  rows: Float32Array,
  mean: Float64Array,
  projected: Float64Array,
  n: number,
  width: number,
  size: number,
): Float64Array {
  const out = new Float64Array(width * size);
  for (let i = 0; i < n; i++) {
    const from = i * size;
    for (let j = 0; j < width; j++) {
      const value = rows[i * width + j]! - mean[j]!;
      const at = j * size;
      for (let a = 0; a < size; a++) out[at + a]! += value * projected[from + a]!;
    }
  }
  return out;
}
