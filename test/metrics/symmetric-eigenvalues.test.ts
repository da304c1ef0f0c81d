// Eigenvalues and roots of symmetric matrices against ml-matrix's decomposition, and against matrices whose eigenvalues are known.
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../runtime-web/format/random.ts';
import { rootOf } from '../../trainer/metrics/matrix-root.ts';
import { symmetricEigenvalues } from '../../trainer/metrics/symmetric-eigenvalues.ts';

const test = suite('eigenvalues and roots of symmetric matrices');
const sorted = (values: ArrayLike<number>): number[] => Array.from(values).sort((a, b) => a - b);

/** A random matrix [n, rank] times its transpose. */
function covariance(n: number, rank: number, seed: number): Float64Array {
  const random = new Random(seed);
  const factor = new Matrix(
    Array.from({ length: n }, () => Array.from({ length: rank }, () => random.normal())),
  );
  return Float64Array.from(factor.mmul(factor.transpose()).to1DArray());
}

function same(got: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  assert.is(got.length, expected.length);
  Array.from(got).forEach((value, i) => {
    assert.ok(Math.abs(value - expected[i]!) <= tolerance, `${i}: got ${value}, expected ${expected[i]}`);
  });
}

for (const [n, rank] of [
  [1, 1],
  [2, 2],
  [3, 3],
  [50, 50],
  [50, 7],
  [120, 200],
] as const) {
  test(`${n} rows of rank ${Math.min(n, rank)}: as by ml-matrix`, () => {
    const matrix = covariance(n, rank, n + rank);
    const { realEigenvalues } = new EigenvalueDecomposition(Matrix.from1DArray(n, n, matrix), {
      assumeSymmetric: true,
    });
    const largest = Math.max(...realEigenvalues);
    same(sorted(symmetricEigenvalues(matrix, n)), sorted(realEigenvalues), 1e-12 * largest);
  });

  test(`${n} rows of rank ${Math.min(n, rank)}: a root times its transpose is the matrix`, () => {
    const matrix = covariance(n, rank, n + rank);
    const root = rootOf(matrix, n);
    assert.is(root.rank, Math.min(n, rank));
    const factor = Matrix.from1DArray(n, root.rank, root.data);
    const largest = matrix.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    same(factor.mmul(factor.transpose()).to1DArray(), matrix, 1e-12 * largest);
  });
}

test('the second difference of 200 rows has 4 sin²(k π / 402), of which the smallest are near 0', () => {
  const n = 200;
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    matrix[i * n + i] = 2;
    if (i > 0) matrix[i * n + i - 1] = -1;
    if (i < n - 1) matrix[i * n + i + 1] = -1;
  }
  const expected = Array.from({ length: n }, (_, k) => 4 * Math.sin(((k + 1) * Math.PI) / (2 * n + 2)) ** 2);
  same(sorted(symmetricEigenvalues(matrix, n)), expected, 1e-13);
});

test('equal eigenvalues, zeros and numbers of very different size', () => {
  const diagonal = [3, 3, 3, 0, 0, 1e-20, 1e12, -5];
  const matrix = Float64Array.from({ length: 64 }, (_, i) => (i % 9 === 0 ? diagonal[i / 9]! : 0));
  same(sorted(symmetricEigenvalues(matrix, 8)), sorted(diagonal), 1e-20);
  assert.is(rootOf(new Float64Array(16), 4).rank, 0);
});

test.run();
