// The kind of a column of labels, told by its cells: yes or no is an attribute, numbers are a number, and anything else names classes.
import { UserError } from '../../errors.ts';
import type { AttributeInfo } from '../source.ts';

/** A column of labels. */
export interface LabelColumn {
  /** `range` is that of the cells. */
  readonly info: AttributeInfo;
  /** A value for each row, as of {@link AttributeInfo}; NaN for a blank cell. */
  readonly values: Float32Array;
}

/** The cells of a column, and the lines that they are in. */
export interface ColumnCells {
  readonly name: string;
  readonly cells: readonly string[];
  readonly lines: readonly number[];
  /** The cells are classes, even if they are numbers. */
  readonly isClass?: boolean;
  /** Decimal commas are read. */
  readonly hasDecimalCommas?: boolean;
}

const blanks = new Set(['', 'na', 'n/a', 'nan', 'null']);
const yes = new Set(['yes', 'y', 'true', 't']);
const no = new Set(['no', 'n', 'false', 'f']);
/** A column with this share of numbers is one of numbers, and the other cells are mistakes. */
const enoughNumbers = 0.9;
/** Max number of classes; a column with more, or with another text in most of its cells, is free text, such as a caption. */
const maxClasses = 1000;
/** Number of cells from which on most of them must be repeated. */
const fewCells = 10;
/** Number of mistakes to name. */
const maxNamed = 3;

/**
 * Reads a column. Null for free text and for a column without a value. Throws UserError for a column of numbers with cells that are none.
 */
export function readColumn(column: ColumnCells, where: string): LabelColumn | null {
  const { name, isClass = false } = column;
  const texts = new DistinctTexts(column.cells);
  if (texts.filled === 0) return null;
  if (!isClass) {
    const plain = yesOrNo(texts, name) ?? numbers(texts, column, where);
    if (plain !== null) return plain;
  }
  const distinct = new Set(
    texts.all.filter(({ isBlank }) => !isBlank).map(({ text }) => text.normalize('NFC')),
  );
  const isText = distinct.size > maxClasses || (texts.filled > fewCells && distinct.size > texts.filled / 2);
  if (isText && !isClass) return null;
  const names = [...distinct].sort(byName);
  const index = new Map(names.map((each, i) => [each, i]));
  const info = { name, kind: 'categorical', values: names, range: [0, names.length - 1] } as const;
  return { info, values: texts.values((text) => index.get(text.normalize('NFC'))!) };
}

/** The cells of a column, with each text once: a column of millions of cells has few. */
class DistinctTexts {
  readonly all: readonly { readonly text: string; readonly isBlank: boolean; readonly count: number }[];
  /** Number of cells that are not blank. */
  readonly filled: number;
  /** For each cell the index of its text. */
  readonly codes: Int32Array;

  constructor(cells: readonly string[]) {
    const index = new Map<string, number>();
    const counts: number[] = [];
    this.codes = Int32Array.from(cells, (cell) => {
      const code = index.get(cell) ?? counts.push(0) - 1;
      if (counts[code] === 0) index.set(cell, code);
      counts[code]! += 1;
      return code;
    });
    this.all = [...index].map(([cell, code]) => {
      const text = cell.trim();
      return { text, isBlank: blanks.has(text.toLowerCase()), count: counts[code]! };
    });
    this.filled = this.all.reduce((sum, { isBlank, count }) => sum + (isBlank ? 0 : count), 0);
  }

  /** A value for each cell; NaN for a blank one. */
  values(valueOf: (text: string) => number): Float32Array {
    const byCode = this.all.map(({ text, isBlank }) => (isBlank ? NaN : valueOf(text)));
    return Float32Array.from(this.codes, (code) => byCode[code]!);
  }
}

/** The column as yes (1) or no (0): by words, 1 and 0, or 1 and -1; null for other cells. */
function yesOrNo(texts: DistinctTexts, name: string): LabelColumn | null {
  const seen = texts.all.filter(({ isBlank }) => !isBlank).map(({ text }) => text.toLowerCase());
  const isOneOf = (...values: readonly number[]): boolean =>
    seen.every((cell) => values.includes(numberOf(cell, false)));
  const isWord = seen.every((cell) => yes.has(cell) || no.has(cell));
  if (!isWord && !isOneOf(0, 1) && !isOneOf(-1, 1)) return null;
  const valueOf = (cell: string): number =>
    Number(yes.has(cell.toLowerCase()) || numberOf(cell, false) === 1);
  return { info: { name, kind: 'binary', values: null, range: [0, 1] }, values: texts.values(valueOf) };
}

/** The column as numbers; null if most cells are none. */
function numbers(
  texts: DistinctTexts,
  { name, lines, hasDecimalCommas = false }: ColumnCells,
  where: string,
): LabelColumn | null {
  const isWrong = texts.all.map(
    ({ text, isBlank }) => !isBlank && Number.isNaN(numberOf(text, hasDecimalCommas)),
  );
  const wrong = texts.all.reduce((sum, { count }, code) => sum + (isWrong[code] ? count : 0), 0);
  const right = texts.filled - wrong;
  if (right < enoughNumbers * texts.filled) return null;
  if (wrong > 0) {
    const named: string[] = [];
    for (let i = 0; i < lines.length && named.length < maxNamed; i++) {
      const code = texts.codes[i]!;
      if (isWrong[code]) named.push(`'${texts.all[code]!.text}' in line ${lines[i]}`);
    }
    throw new UserError(
      `${where}: column ${name} has ${right} numbers, and ${named.join(', ')}${wrong > maxNamed ? ', …' : ''} ` +
        `${wrong === 1 ? 'is none' : 'are none'}; mend ${wrong === 1 ? 'it' : 'them'}, or leave the cell empty`,
    );
  }
  const values = texts.values((text) => numberOf(text, hasDecimalCommas));
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return { info: { name, kind: 'continuous', values: null, range: [tidy(least), tidy(most)] }, values };
}

/** The number that a cell is; NaN for none, and for one that single precision does not hold. */
function numberOf(cell: string, hasDecimalCommas: boolean): number {
  const text = hasDecimalCommas && /^[+-]?\d+,\d+$/.test(cell) ? cell.replace(',', '.') : cell;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return NaN;
  return Math.abs(Number(text)) > 3e38 ? NaN : Number(text);
}

/** A number of single precision as short as it was written: 0.3 for 0.30000001192092896. */
export function tidy(value: number): number {
  return Number(value.toPrecision(7));
}

/** Numbers by size, before words by letters. */
function byName(a: string, b: string): number {
  const [x, y] = [numberOf(a, false), numberOf(b, false)];
  if (!Number.isNaN(x) && !Number.isNaN(y) && x !== y) return x - y;
  if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
  return a < b ? -1 : 1;
}
