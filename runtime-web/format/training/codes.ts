// The conditions of a batch as rows of numbers: random codes, and labels one-hot.
import { conditionColumns } from '../condition.ts';
import type { Code } from '../model.ts';
import type { LatentRandom } from '../random.ts';

/** Draws random codes, [count, columns]: categorical ones one-hot, continuous ones uniform in their range. */
export function drawCodes(
  codes: readonly Code[],
  count: number,
  random: LatentRandom,
): Float32Array<ArrayBuffer> {
  const columns = conditionColumns({ kind: 'codes', codes });
  const rows = new Float32Array(count * columns);
  for (let row = 0; row < rows.length; row += columns) {
    let column = row;
    for (const code of codes) {
      if (code.kind === 'choice') {
        rows[column + Math.floor(random.uniform() * code.choices.length)] = 1;
        column += code.choices.length;
      } else rows[column++] = code.least + (code.most - code.least) * random.uniform();
    }
  }
  return rows;
}

/** Labels [n] as one-hot rows [n, classes]. */
export function oneHot(labels: ArrayLike<number>, classes: number): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(labels.length * classes);
  for (let i = 0; i < labels.length; i++) rows[i * classes + labels[i]!] = 1;
  return rows;
}
