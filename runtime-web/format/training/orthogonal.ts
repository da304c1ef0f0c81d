// Matrices with orthogonal rows, as initial weights of dense layers (Saxe 2013).
import type { LatentRandom } from '../random.ts';

/**
 * A matrix [rows, columns], row by row, whose shorter sides are orthogonal vectors of length `gain`: normal vectors, each less its parts
 * along those before it (Gram and Schmidt), in double precision.
 */
export function orthogonal(
  [rows, columns]: readonly [rows: number, columns: number],
  gain: number,
  random: LatentRandom,
): Float32Array {
  const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
  const vectors: Float64Array[] = [];
  while (vectors.length < count) {
    const vector = Float64Array.from({ length }, () => random.normal());
    for (const other of vectors) {
      const along = dot(vector, other);
      for (let i = 0; i < length; i++) vector[i]! -= along * other[i]!;
    }
    const norm = Math.sqrt(dot(vector, vector));
    vectors.push(vector.map((x) => x / norm));
  }
  const matrix = new Float32Array(rows * columns);
  vectors.forEach((vector, k) =>
    vector.forEach((x, i) => (matrix[rows < columns ? k * columns + i : i * columns + k] = gain * x)),
  );
  return matrix;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
