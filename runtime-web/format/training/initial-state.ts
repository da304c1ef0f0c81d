// The state of a training as a list of entries with their initial values, and the drawing of it. Trainer and page draw the same list from
// the same seed, so both begin with the same bits.
import type { LatentRandom } from '../random.ts';
import { orthogonal } from './orthogonal.ts';
import { lengthOfShape, type FloatTensor } from './tensors.ts';

/**
 * The initial values of an entry: normal numbers, one number everywhere, given numbers, those of another entry, a random unit vector, or
 * a matrix of orthogonal vectors of length `gain`.
 */
export type Initial =
  | { readonly kind: 'normal'; readonly mean: number; readonly deviation: number }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'values'; readonly values: readonly number[] }
  | { readonly kind: 'copy'; readonly of: string }
  | { readonly kind: 'unit' }
  | { readonly kind: 'orthogonal'; readonly gain: number };

/** One entry of a state. */
export interface StateEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: Initial;
}

/**
 * Draws the entries in their order; a copy has data of its own. Throws RangeError for a copy of an entry that does not precede it or has
 * another size, for values of another number than the shape's, and for orthogonal vectors that are no matrix.
 */
export function drawState(entries: readonly StateEntry[], random: LatentRandom): Record<string, FloatTensor> {
  const state: Record<string, FloatTensor> = {};
  for (const { name, shape, initial } of entries) {
    state[name] = {
      dtype: 'float32',
      shape,
      data: valuesOf(name, shape, initial, random, state),
    };
  }
  return state;
}

function valuesOf(
  name: string,
  shape: readonly number[],
  initial: Initial,
  random: LatentRandom,
  drawn: Readonly<Record<string, FloatTensor>>,
): Float32Array {
  const length = lengthOfShape(shape);
  if (initial.kind === 'constant') return new Float32Array(length).fill(initial.value);
  if (initial.kind === 'normal') {
    const { mean, deviation } = initial;
    const data = new Float32Array(length);
    for (let i = 0; i < length; i++) data[i] = mean + deviation * random.normal();
    return data;
  }
  if (initial.kind === 'unit') {
    const normal = Float32Array.from({ length }, () => random.normal());
    const norm = Math.hypot(...normal);
    return normal.map((value) => value / norm);
  }
  if (initial.kind === 'orthogonal') {
    const [rows = 0, columns = 0, ...more] = shape;
    if (columns === 0 || more.length > 0)
      throw new RangeError(`state entry '${name}': got the shape [${shape}], expected a matrix`);
    return orthogonal([rows, columns], initial.gain, random);
  }
  const from = initial.kind === 'copy' ? drawn[initial.of]?.data : initial.values;
  if (from?.length !== length) {
    const got = from === undefined ? 'nothing' : `${from.length} numbers`;
    throw new RangeError(`state entry '${name}': got ${got} to copy, expected ${length} numbers`);
  }
  return Float32Array.from(from);
}
