// The generator's second input (labels, codes or a condition), computed in the same way for pages and for the trainer. All labels and codes
// from outside are checked here.
import { conditionFields } from './condition-fields.ts';
import { exampleRow } from './example-rows.ts';
import type { Code, Conditioning, Model } from './model.ts';
import { indexIn } from './names.ts';
import { wantedValues, type Condition } from './wanted-values.ts';

/** A class, by number or name; digits are the class of that name if there is one, and else a number. */
export type Label = number | string;
/** The value of a code: a number in its range, or a choice by number or name; null derives it from the conditioning index. */
export type CodeValue = number | string | null;

/** The wanted labels, codes or conditions of some images: one for all of them, or a list with one for each. */
export interface Wanted {
  readonly labels?: Label | readonly Label[] | undefined;
  /** A value for each of the model's codes, in order; or such a list for each image. */
  readonly codes?: readonly CodeValue[] | readonly (readonly CodeValue[])[] | undefined;
  /** Values by name, for a model of any kind: `{ smiling: true, age: 30 }`, or as a text: `smiling=1 age=30`. */
  readonly condition?: string | Condition | readonly (string | Condition)[] | undefined;
}

/** Columns of the generator's second input; 0 for a model without conditioning. */
export function conditionColumns(conditioning: Conditioning): number {
  if (conditioning === null) return 0;
  if (conditioning.kind === 'codes')
    return conditioning.codes.reduce((sum, code) => sum + codeColumns(code), 0);
  return conditioning.kind === 'numbers' ? conditioning.numbers.length : conditioning.names.length;
}

/** The meaning of each column: the name of a class, an attribute or a number, `code 1`, or `category: 3`. */
export function columnNames(conditioning: Conditioning): readonly string[] {
  if (conditioning === null) return [];
  if (conditioning.kind === 'numbers') return conditioning.numbers.map(({ name }) => name);
  if (conditioning.kind !== 'codes') return conditioning.names;
  return conditioning.codes.flatMap((code) =>
    code.kind === 'choice' ? code.choices.map((choice) => `${code.name}: ${choice}`) : [code.name],
  );
}

/** Columns of one code: 1, or one for each choice. */
export function codeColumns(code: Code): number {
  return code.kind === 'choice' ? code.choices.length : 1;
}

/** The name of the generator's second input. */
export function conditionName(conditioning: Exclude<Conditioning, null>): 'labels' | 'codes' | 'condition' {
  if (conditioning.kind === 'classes') return 'labels';
  return conditioning.kind === 'codes' ? 'codes' : 'condition';
}

/** The name of the discriminator's input beside images; null if it receives images alone, as it does with codes. */
export function labelsName(conditioning: Conditioning): 'labels' | 'condition' | null {
  const name = conditioning && conditionName(conditioning);
  return name === 'codes' ? null : name;
}

/** The second input among a generator's inputs by name; null without one. */
export function conditionAmong<T>(inputs: Readonly<Record<string, T>>): T | null {
  return inputs['labels'] ?? inputs['codes'] ?? inputs['condition'] ?? null;
}

/**
 * The generator's second input, [images, columns]. `indices` are the conditioning indices of the images: their seeds, or their positions
 * for images without a seed. Values that are not given follow from the index: classes and choices alternate, codes that are numbers are
 * spread evenly over their range, attributes and numbers come from the model's examples. Null for a model without conditioning. Throws
 * RangeError for unknown or contradictory labels, codes and conditions.
 */
export function conditionFor(
  { conditioning }: Pick<Model, 'conditioning'>,
  { labels, codes, condition }: Wanted,
  indices: readonly number[],
): Float32Array<ArrayBuffer> | null {
  if (labels !== undefined && conditioning?.kind !== 'classes') {
    throw new RangeError(
      `label: got ${String(labels)}, and the model has ${kindOf(conditioning, 'classes')}`,
    );
  }
  if (codes !== undefined && conditioning?.kind !== 'codes') {
    throw new RangeError(`codes: got ${String(codes)}, and the model has ${kindOf(conditioning, 'codes')}`);
  }
  if (condition !== undefined && (labels !== undefined || codes !== undefined)) {
    throw new RangeError(
      `condition: got one beside ${labels === undefined ? 'codes' : 'labels'}, expected one of them`,
    );
  }
  if (conditioning === null) {
    if (condition === undefined) return null;
    throw new RangeError(`condition: got ${textOf(condition)}, and the model has ${kindOf(null, '')}`);
  }
  const columns = conditionColumns(conditioning);
  const count = indices.length;
  const rows = new Float32Array(count * columns);
  const row = (i: number): Float32Array => rows.subarray(i * columns, (i + 1) * columns);
  const fields = conditionFields(conditioning);
  const valuesOf = oneOrEach('condition', condition, isList(condition), count, (wanted) =>
    wantedValues(fields, wanted ?? {}),
  );
  if (conditioning.kind === 'classes') {
    const labelOf = oneOrEach('labels', labels, isList(labels), count, (label) =>
      label === undefined ? null : labelIndex(conditioning.names, label),
    );
    indices.forEach((index, i) => (row(i)[labelOf(i) ?? valuesOf(i)[0] ?? index % columns] = 1));
  } else if (conditioning.kind === 'codes') {
    const isEach = isList(codes) && isList(codes[0]);
    const codesOf = oneOrEach<readonly CodeValue[], readonly CodeValue[] | undefined>(
      'codes',
      codes as readonly CodeValue[],
      isEach,
      count,
      (list) => list,
    );
    indices.forEach((index, i) => writeCodes(row(i), conditioning.codes, codesOf(i) ?? valuesOf(i), index));
  } else {
    indices.forEach((index, i) => row(i).set(exampleRow(conditioning, valuesOf(i), index)));
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

function writeCodes(
  row: Float32Array,
  codes: readonly Code[],
  values: readonly CodeValue[],
  index: number,
): void {
  if (values.length !== codes.length) {
    const names = codes.map(({ name }) => name).join(', ');
    throw new RangeError(`codes: got ${values.length} values, expected ${codes.length}: ${names}`);
  }
  const numbers = codes.filter(({ kind }) => kind === 'continuous').length;
  let column = 0;
  let rest = index;
  let step = 1;
  codes.forEach((code, i) => {
    const value = values[i] ?? null;
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

/**
 * A function that reads the value for an image: the same for all, or the list's entry if `isEach`. Throws RangeError unless such a list
 * has `count` entries.
 */
function oneOrEach<T, R = T>(
  what: string,
  given: T | readonly T[] | undefined,
  isEach: boolean,
  count: number,
  read: (value: T | undefined) => R,
): (i: number) => R {
  if (!isEach) {
    const value = read(given as T | undefined);
    return () => value;
  }
  const list = given as readonly T[];
  if (list.length === count) return (i) => read(list[i]);
  throw new RangeError(`${what}: got ${list.length}, expected ${count}, one for each image`);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The conditioning of a model for a message about `asked`, which it does not have. */
function kindOf(conditioning: Conditioning, asked: string): string {
  if (conditioning === null) return 'neither classes nor codes, attributes or numbers';
  return `${conditioning.kind}, not ${asked}`;
}
