// A root of a covariance: L [n, rank] with L Lᵀ = the matrix, by Cholesky's method with the largest pivot first, which also serves
// matrices without full rank (Higham, Accuracy and Stability of Numerical Algorithms, section 10.3).

/** The root, row-major [n, rank]. */
export interface Root {
  readonly data: Float64Array;
  readonly rank: number;
}

/** A root of a symmetric positive semi-definite matrix [n, n]. What rounding makes negative counts as 0. */
export function rootOf(matrix: Float64Array, n: number): Root {
  const rows = new Float64Array(n * n);
  const left = Float64Array.from({ length: n }, (_, i) => matrix[i * n + i]!);
  const limit = n * Number.EPSILON * left.reduce((most, value) => Math.max(most, value), 0);
  const isDone = new Uint8Array(n);
  let rank = 0;
  for (; rank < n; rank++) {
    let pivot = -1;
    for (let i = 0; i < n; i++) if (isDone[i] === 0 && (pivot < 0 || left[i]! > left[pivot]!)) pivot = i;
    if (!(left[pivot]! > limit)) break;
    const corner = Math.sqrt(left[pivot]!);
    const at = pivot * n;
    for (let i = 0; i < n; i++) {
      if (isDone[i] === 1) continue;
      const to = i * n;
      const value = i === pivot ? corner : (matrix[at + i]! - dot(rows, at, to, rank)) / corner;
      rows[to + rank] = value;
      left[i]! -= value ** 2;
    }
    isDone[pivot] = 1;
  }
  const data = new Float64Array(n * rank);
  for (let i = 0; i < n; i++) data.set(rows.subarray(i * n, i * n + rank), i * rank);
  return { data, rank };
}

/** The inner product of `count` numbers from `a` and from `b` on. */
function dot(values: Float64Array, a: number, b: number, count: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const whole = count & ~3;
  for (let j = 0; j < whole; j += 4) {
    s0 += values[a + j]! * values[b + j]!;
    s1 += values[a + j + 1]! * values[b + j + 1]!;
    s2 += values[a + j + 2]! * values[b + j + 2]!;
    s3 += values[a + j + 3]! * values[b + j + 3]!;
  }
  for (let j = whole; j < count; j++) s0 += values[a + j]! * values[b + j]!;
  return s0 + s1 + (s2 + s3);
}
