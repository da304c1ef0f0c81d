// The generator's second input (labels or codes), computed in the same way for pages and for the trainer. All labels and codes from outside
// are checked here.
import type { Code, Conditioning, Model } from './model.ts';

/** A class, by number or name; digits are the class of that name if there is one, and else a number. */
export type Label = number | string;
/** The value of a code: a number in its range, or a choice by number or name; null derives it from the conditioning index. */
export type CodeValue = number | string | null;

/** The wanted labels or codes of some images: one for all of them, or a list with one for each. */
export interface Wanted {
  readonly labels?: Label | readonly Label[] | undefined;
  /** A value for each of the model's codes, in order; or such a list for each image. */
  readonly codes?: readonly CodeValue[] | readonly (readonly CodeValue[])[] | undefined;
}

/** Columns of the generator's second input; 0 for a model without conditioning. */
export function conditionColumns(conditioning: Conditioning): number {
  if (conditioning === null) return 0;
  if (conditioning.kind === 'classes') return conditioning.names.length;
  return conditioning.codes.reduce((sum, code) => sum + codeColumns(code), 0);
}

/** The meaning of each column: a class's name, `code 1`, or `category: 3`. */
export function columnNames(conditioning: Conditioning): readonly string[] {
  if (conditioning === null) return [];
  if (conditioning.kind === 'classes') return conditioning.names;
  return conditioning.codes.flatMap((code) =>
    code.kind === 'choice' ? code.choices.map((choice) => `${code.name}: ${choice}`) : [code.name],
  );
}

/** Columns of one code: 1, or one for each choice. */
export function codeColumns(code: Code): number {
  return code.kind === 'choice' ? code.choices.length : 1;
}

/** The name of the generator's second input. */
export function conditionName(conditioning: Exclude<Conditioning, null>): 'labels' | 'codes' {
  return conditioning.kind === 'classes' ? 'labels' : 'codes';
}

/**
 * The generator's second input, [images, columns]. `indices` are the conditioning indices of the images: their seeds, or their positions
 * for images without a seed. Labels and codes that are not given follow from the index: classes and choices alternate, and numbers are
 * spread evenly over their range. Null for a model without conditioning. Throws RangeError for unknown labels or codes.
 */
export function conditionFor(
  { conditioning }: Pick<Model, 'conditioning'>,
  { labels, codes }: Wanted,
  indices: readonly number[],
): Float32Array<ArrayBuffer> | null {
  if (labels !== undefined && conditioning?.kind !== 'classes') {
    throw new RangeError(`label: got ${String(labels)}, and the model has ${kindOf(conditioning)}`);
  }
  if (codes !== undefined && conditioning?.kind !== 'codes') {
    throw new RangeError(`codes: got ${String(codes)}, and the model has ${kindOf(conditioning)}`);
  }
  if (conditioning === null) return null;
  const columns = conditionColumns(conditioning);
  const count = indices.length;
  const rows = new Float32Array(count * columns);
  const row = (i: number): Float32Array => rows.subarray(i * columns, (i + 1) * columns);
  if (conditioning.kind === 'classes') {
    const labelOf = isList(labels) ? oneEach('labels', labels as readonly Label[], count) : () => labels;
    indices.forEach((index, i) => {
      const label = labelOf(i);
      row(i)[label === undefined ? index % columns : labelIndex(conditioning.names, label)] = 1;
    });
  } else {
    const valuesOf =
      isList(codes) && isList(codes[0]) ? oneEach<unknown>('codes', codes, count) : () => codes;
    indices.forEach((index, i) => {
      writeCodes(row(i), conditioning.codes, valuesOf(i) as readonly CodeValue[] | undefined, index);
    });
  }
  return rows;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** The number of a class, given by number or name. Throws RangeError for an unknown class. */
export function labelIndex(names: readonly string[], label: Label): number {
  return indexIn('label', names, label);
}

function indexIn(what: string, names: readonly string[], wanted: unknown): number {
  const named = typeof wanted === 'number' ? wanted : names.findIndex((name) => isSameName(name, wanted));
  const index = named < 0 && /^\d+$/.test(String(wanted)) ? Number(wanted) : named;
  if (Number.isInteger(index) && index >= 0 && index < names.length) return index;
  const expected = `a number from 0 to ${names.length - 1} or one of ${names.join(', ')}`;
  throw new RangeError(`${what}: got ${JSON.stringify(index < 0 ? wanted : index)}, expected ${expected}`);
}

/** True for equal texts, composed or decomposed: macOS decomposes `é` in names of folders, keyboards do not. */
export function isSameName(name: string, other: unknown): boolean {
  return typeof other === 'string' && name.normalize('NFC') === other.normalize('NFC');
}

function writeCodes(
  row: Float32Array,
  codes: readonly Code[],
  values: readonly CodeValue[] | undefined,
  index: number,
): void {
  if (values !== undefined && values.length !== codes.length) {
    const names = codes.map(({ name }) => name).join(', ');
    throw new RangeError(`codes: got ${values.length} values, expected ${codes.length}: ${names}`);
  }
  const numbers = codes.filter(({ kind }) => kind === 'continuous').length;
  let column = 0;
  let rest = index;
  let step = 1;
  codes.forEach((code, i) => {
    const value = values?.[i] ?? null;
    if (code.kind === 'choice') {
      const count = code.choices.length;
      row[column + (value === null ? rest % count : indexIn(code.name, code.choices, value))] = 1;
      // A second choice moves on after a full round of the first.
      rest = Math.floor(rest / count);
    } else {
      const { name, least, most } = code;
      if (value !== null && !(typeof value === 'number' && value >= least && value <= most)) {
        throw new RangeError(
          `${name}: got ${JSON.stringify(value)}, expected a number from ${least} to ${most}`,
        );
      }
      step /= spread(numbers);
      row[column] = value ?? least + (most - least) * ((0.5 + index * step) % 1);
    }
    column += codeColumns(code);
  });
}

/**
 * The root of x^(d + 1) = x + 1. Multiples of its inverse powers, taken modulo 1, fill the cube of d dimensions evenly
 * (Roberts 2018, "The unreasonable effectiveness of quasirandom sequences").
 */
function spread(dimensions: number): number {
  let root = 2;
  for (let i = 0; i < 40; i++) root = (1 + root) ** (1 / (dimensions + 1));
  return root;
}

/** A function that returns the list's entry for an image. Throws RangeError unless the list has `count` entries. */
function oneEach<T>(what: string, list: readonly T[], count: number): (i: number) => T {
  if (list.length === count) return (i) => list[i]!;
  throw new RangeError(`${what}: got ${list.length}, expected ${count}, one for each image`);
}

function kindOf(conditioning: Conditioning): string {
  if (conditioning === null) return 'neither classes nor codes';
  return conditioning.kind === 'classes' ? 'classes, not codes' : 'codes, not classes';
}
