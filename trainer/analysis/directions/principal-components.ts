// Principal components of many long rows, without their covariance: a random subspace is brought towards the leading one by power
// iterations, and the components are found in it (Halko 2011, algorithms 4.4 and 5.3). Small dense steps are ml-matrix's.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { EigenvalueDecomposition, Matrix, QrDecomposition } from 'ml-matrix';
import type { Random } from '../../../runtime-web/format/random.ts';

/** The leading components of rows. */
export interface PrincipalComponents {
  /** Unit vectors [width], by falling variance; each with its largest number positive. */
  readonly components: readonly Float64Array[];
  /** Of the rows along each component; 0 where there is none. */
  readonly variances: readonly number[];
  /** Of the rows, over all of their columns. */
  readonly totalVariance: number;
  /** Where each row is along each component, from the mean: [rows, components]. */
  readonly scores: Float64Array;
}

/** Directions beside those asked for, that make these settle sooner. */
const oversampling = 24;
const mostIterations = 40;
/** Variances have settled where none moves by more than this share of itself. */
const settled = 1e-6;

/** Eigenvalues, falling, and their unit vectors, of a symmetric matrix. */
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

/** A vector or its opposite: the one whose largest number is positive, so that a direction is the same each time. */
function pointed(vector: Float64Array): Float64Array {
  const largest = vector.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
  return largest < 0 ? vector.map((value) => -value) : vector;
}

/**
 * The `count` leading components of `rows` [n, width], n at least 2; fewer where there are not so many. Throws the signal's
 * reason when aborted.
 */
export async function principalComponents(given: {
  readonly rows: Float32Array;
  readonly width: number;
  readonly count: number;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Hears of the rounds; they end before `total` where variances have settled. */
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
  // Less than what rounding leaves of numbers as large as these is no variance.
  const noise = 1e-12 * (totalVariance + mean.reduce((sum, value) => sum + value ** 2, 0));
  const size = Math.min(count + oversampling, n, width);
  let basis = orthonormal(
    Float64Array.from({ length: width * size }, () => random.normal()),
    width,
    size,
  );
  let before: number[] = [];
  for (let iteration = 0; ; iteration++) {
    // Ctrl-C is heard between rounds only.
    await nextTurn();
    signal.throwIfAborted();
    onProgress?.(iteration, mostIterations);
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
    const isSettled = leading.every(
      (value, k) => Math.abs(value - (before[k] ?? Infinity)) <= settled * leading[0]!,
    );
    if (!isSettled && iteration < mostIterations) {
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

/** Columns [width, size] made orthonormal. */
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
