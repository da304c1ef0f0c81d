// What a generator takes beside z, as rows of its second input. Every label that comes from outside is checked here.
import type { Conditioning, Model } from './format/model.ts';

/** A label as given: a class by number or name. */
export type Label = number | string;

/** Columns of the generator's input beside z; null where it has none. */
export function conditionColumns(conditioning: Conditioning): number | null {
  if (conditioning === null) return null;
  if (conditioning.kind === 'classes') return conditioning.names.length;
  return conditioning.codes.reduce(
    (sum, code) => sum + (code.kind === 'choice' ? code.choices.length : 1),
    0,
  );
}

/**
 * The generator's input beside z for `count` images: labels as one-hot rows, one for all or one each; without labels
 * classes take turns, and codes are in the middle of their range or at their first choice.
 */
export function conditionFor(
  { conditioning }: Pick<Model, 'conditioning'>,
  labels: Label | readonly Label[] | undefined,
  count: number,
): Float32Array<ArrayBuffer> | null {
  const columns = conditionColumns(conditioning);
  if (conditioning === null || columns === null) {
    if (labels !== undefined) throw new RangeError(`label: got ${labels}, and the model has no classes`);
    return null;
  }
  const rows = new Float32Array(count * columns);
  if (conditioning.kind === 'codes') {
    if (labels !== undefined)
      throw new RangeError(`label: got ${labels}, and the model has codes, not classes`);
    for (let row = 0; row < count; row++) {
      let column = row * columns;
      for (const code of conditioning.codes) {
        rows[column] = code.kind === 'choice' ? 1 : (code.least + code.most) / 2;
        column += code.kind === 'choice' ? code.choices.length : 1;
      }
    }
    return rows;
  }
  const { names } = conditioning;
  const list = typeof labels === 'object' ? labels : null;
  if (list !== null && list.length !== count) {
    throw new RangeError(`labels: got ${list.length}, expected ${count}, one for each image`);
  }
  for (let row = 0; row < count; row++) {
    const label = list === null ? (labels as Label | undefined) : list[row]!;
    rows[row * columns + (label === undefined ? row % columns : labelIndex(names, label))] = 1;
  }
  return rows;
}

/** The number of a class by number or name. Throws RangeError for one that there is not. */
export function labelIndex(names: readonly string[], label: Label): number {
  const index = typeof label === 'number' ? label : names.indexOf(label);
  if (Number.isInteger(index) && index >= 0 && index < names.length) return index;
  const wanted = `a number from 0 to ${names.length - 1} or one of ${names.join(', ')}`;
  throw new RangeError(`label: got ${JSON.stringify(label)}, expected ${wanted}`);
}
