// Reads a file of labels: a table with a header (CSV), stylegan2-ada's dataset.json, or the attribute list of CelebA, which has a count
// and a line of names before the images. The first column is the image's file.
import { createHash } from 'node:crypto';
import { UserError } from '../../errors.ts';
import { readRegular } from '../../files/regular-file.ts';
import { reasonOf } from '../file-access.ts';
import { isImageName } from '../image-format.ts';
import { readColumn, type LabelColumn } from './column.ts';
import { parseDelimited, separatorOf, type TableRow } from './delimited.ts';

/** Labels by file. */
export interface LabelTable {
  /** The file's path, for messages. */
  readonly path: string;
  /** Name of the first column, which has the files. */
  readonly fileColumn: string;
  /** The file of each row, as written. */
  readonly files: readonly string[];
  /** The place of each row: `line 7`. */
  readonly places: readonly string[];
  readonly columns: readonly LabelColumn[];
  /** Sentences about columns that are not used. */
  readonly notes: readonly string[];
  /** Hash of the file. */
  readonly fingerprint: string;
}

/** Largest file of labels. */
export const maxLabelBytes = 256 * 2 ** 20;

/** Reads the file at `path`. Throws UserError for one that cannot be read or is no table of labels. */
export async function readLabelFile(path: string): Promise<LabelTable> {
  const table = parseLabels(await readLabelBytes(path), path);
  if (table !== null) return table;
  throw new UserError(
    `labels ${path}: its "labels" are null, so it has none; give another file, or leave --labels out`,
  );
}

/** The bytes of a file of labels. Throws UserError if it cannot be read. */
export async function readLabelBytes(path: string): Promise<Uint8Array> {
  return readRegular(path, maxLabelBytes).catch((error: unknown) => {
    throw new UserError(
      `labels ${path}: cannot be read (${reasonOf(error)}); put the file there, or give its place with --labels`,
    );
  });
}

/** Parses the bytes of a file of labels; null for a dataset.json whose labels are null. Throws as {@link readLabelFile} does. */
export function parseLabels(bytes: Uint8Array, path: string): LabelTable | null {
  const where = `labels ${path}`;
  const text = textOf(bytes, where);
  const fingerprint = createHash('sha256').update(bytes).digest('hex');
  const parsed = /^\s*[{[]/.test(text) ? jsonRows(text, where) : tableRows(text, where);
  return parsed && { path, fingerprint, ...parsed };
}

function textOf(bytes: Uint8Array, where: string): string {
  // Spreadsheets save "Unicode text" as UTF-16.
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new UserError(`${where}: is no text in UTF-8; save it as CSV in UTF-8`);
  }
}

type Parsed = Omit<LabelTable, 'path' | 'fingerprint'>;

/** The rows of a table with a header, or of CelebA's list. */
function tableRows(text: string, where: string): Parsed {
  const separator = separatorOf(text);
  const isList = /^\s*\d+\s*[\r\n]/.test(text) || separator === null;
  const [header, ...rows] = isList ? listRows(text) : parseDelimited(text, separator!, where);
  if (header === undefined || rows.length === 0 || (isList && header.cells.length < 2)) {
    throw new UserError(
      `${where}: no labels; expected a table with a header such as file,smiling,age and a line for each image, ` +
        'a dataset.json, or the attribute list of CelebA',
    );
  }
  const [fileColumn = '', ...names] = header.cells.map((cell) => cell.trim());
  if (isImageName(fileColumn)) {
    throw new UserError(
      `${where}: its first line is about ${fileColumn}; expected a header such as file,smiling,age before it`,
    );
  }
  for (const { line, cells } of rows) {
    if (cells.length === header.cells.length) continue;
    const [got, wanted] = [cells.length - 1, names.length];
    throw new UserError(
      `${where}: line ${line} has ${got} values, expected ${wanted}, for ${shortList(names)}; truncated?`,
    );
  }
  const lines = rows.map(({ line }) => line);
  const hasDecimalCommas = !isList && separator !== ',';
  return {
    fileColumn,
    files: rows.map(({ cells }) => cells[0]!.trim()),
    places: lines.map((line) => `line ${line}`),
    ...columnsOf(
      oneByOne(names.length, (i) => ({
        name: names[i]!,
        lines,
        hasDecimalCommas,
        cells: rows.map(({ cells }) => cells[i + 1]!),
      })),
      where,
    ),
  };
}

/** CelebA's list: a count, which may be missing, a line of names, and lines of a file and its values, with spaces between. */
function listRows(text: string): readonly TableRow[] {
  const rows = text
    .split(/\r\n|\r|\n/)
    .map((line, i) => ({ line: i + 1, cells: line.trim().split(/\s+/) }))
    .filter(
      ({ line, cells }) => cells[0] !== '' && !(line === 1 && cells.length === 1 && /^\d+$/.test(cells[0]!)),
    );
  const [header, ...rest] = rows;
  return header === undefined ? [] : [{ ...header, cells: ['file', ...header.cells] }, ...rest];
}

/** `make` of each number below `count`, only when it is wanted: the cells of all columns at once would take much memory. */
function* oneByOne<T>(count: number, make: (index: number) => T): Iterable<T> {
  for (let i = 0; i < count; i++) yield make(i);
}

function columnsOf(
  given: Iterable<Parameters<typeof readColumn>[0]>,
  where: string,
): Pick<LabelTable, 'columns' | 'notes'> {
  const notes: string[] = [];
  const columns: LabelColumn[] = [];
  const seen = new Set<string>();
  let number = 1;
  for (const column of given) {
    number += 1;
    const isEmpty = column.cells.every((cell) => cell.trim() === '');
    if (column.name === '' && isEmpty) continue;
    const name = column.name === '' ? `column ${number}` : column.name;
    if (seen.has(name))
      throw new UserError(`${where}: two columns are called ${name}; give each its own name`);
    seen.add(name);
    const read = readColumn({ ...column, name }, where);
    if (read !== null) columns.push(read);
    else
      notes.push(
        `column ${name} ${isEmpty ? 'is empty' : 'has another text in most cells or more than 1,000 texts'}, so it is no label`,
      );
  }
  if (columns.length === 0)
    throw new UserError(`${where}: none of its columns has labels; ${notes.join('; ')}`);
  return { columns, notes };
}

/**
 * stylegan2-ada's form: `{"labels": [["00000/img.png", 3], …]}`, with a list of numbers for several labels. `sample` adds names: a list
 * `classes` by class number, or `columns` of such lists.
 */
function jsonRows(text: string, where: string): Parsed | null {
  const expected =
    'expected {"labels": [["folder/image.png", 3], …]}, each label a class number or a list of numbers';
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new UserError(`${where}: is no valid JSON; ${expected}`);
  }
  const labels = (json as { labels?: unknown }).labels;
  if (labels === null) return null;
  const entries: unknown =
    Array.isArray(labels) || typeof labels !== 'object' ? labels : Object.entries(labels);
  if (!Array.isArray(entries) || entries.length === 0)
    throw new UserError(`${where}: no labels; ${expected}`);
  const files: string[] = [];
  const rows: (readonly number[])[] = [];
  let isSingle = true;
  entries.forEach((entry: unknown, i) => {
    const [file, label] = Array.isArray(entry) ? (entry as unknown[]) : [];
    const values: unknown[] = Array.isArray(label) ? label : [label];
    isSingle &&= !Array.isArray(label);
    const isRow =
      values.length > 0 && values.every((value) => typeof value === 'number' && Number.isFinite(value));
    if (typeof file !== 'string' || !isRow) {
      throw new UserError(`${where}: entry ${i + 1} is ${JSON.stringify(entry).slice(0, 60)}; ${expected}`);
    }
    if (i > 0 && values.length !== rows[0]!.length) {
      throw new UserError(
        `${where}: entry ${i + 1} has ${values.length} labels, expected ${rows[0]!.length}, as entry 1 has`,
      );
    }
    files.push(file);
    rows.push(values as number[]);
  });
  const count = rows[0]!.length;
  const lines = rows.map((_, i) => i + 1);
  const isClass = isSingle && rows.every(([value]) => Number.isInteger(value));
  const { classes, columns } = json as { classes?: unknown; columns?: unknown };
  const classNames = isClass && areTexts(classes) ? classes : [];
  const columnNames = areTexts(columns) && columns.length === count ? columns : [];
  return {
    fileColumn: 'labels',
    files,
    places: lines.map((line) => `entry ${line}`),
    ...columnsOf(
      oneByOne(count, (k) => {
        const name = columnNames[k] ?? (count === 1 ? 'label' : `label${k + 1}`);
        const cells = rows.map((row) => classNames[row[k]!] ?? String(row[k]));
        return { name, lines, isClass, cells };
      }),
      where,
    ),
  };
}

function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/** `a, b, c, …` */
export function shortList(names: readonly string[], most = 3): string {
  return names.slice(0, most).join(', ') + (names.length > most ? ', …' : '');
}
