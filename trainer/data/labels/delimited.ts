// Parses tables of text as RFC 4180 has them: quoted cells with separators, line breaks and doubled quotes inside. The separator (comma,
// semicolon or tab) is the one that the header has most of.
import { UserError } from '../../errors.ts';

/** One line of a table; a quoted cell can make it longer than a line of the file. */
export interface TableRow {
  /** The line of the file that it begins in, 1 for the first. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** The separators that are known. */
const separators = [',', ';', '\t'] as const;

/** The separator that the first line has most of, outside of quotes; null if it has none. */
export function separatorOf(text: string): (typeof separators)[number] | null {
  const header = /^(?:"(?:[^"]|"")*"|[^\r\n"])*/.exec(text)![0].replace(/"(?:[^"]|"")*"/g, '');
  const counts = separators.map((separator) => header.split(separator).length - 1);
  const most = Math.max(...counts);
  return most === 0 ? null : separators[counts.indexOf(most)]!;
}

/**
 * The rows of a table; lines without text are skipped. `where` begins messages. Throws UserError for a quote that is not closed and for
 * text behind a closed one.
 */
export function parseDelimited(text: string, separator: string, where: string): readonly TableRow[] {
  const rows: TableRow[] = [];
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const begun = line;
    const end = lineEnd(text, at);
    const plain = text.slice(at, end);
    if (!plain.includes('"')) {
      const cells = plain.split(separator);
      if (cells.some((cell) => cell.trim() !== '')) rows.push({ line, cells });
      at = end + (text[end] === '\r' && text[end + 1] === '\n' ? 2 : 1);
      line += 1;
      continue;
    }
    const cells: string[] = [];
    for (let isRowOpen = true; isRowOpen;) {
      let cell: string;
      if (text[at] === '"') {
        const end = closingQuote(text, at);
        if (end < 0)
          throw new UserError(`${where}: line ${line} opens a quote that is never closed; close it`);
        const inside = text.slice(at + 1, end);
        line += inside.split('\n').length - 1;
        cell = inside.replaceAll('""', '"');
        at = end + 1;
        if (at < text.length && !`${separator}\r\n`.includes(text[at]!)) {
          throw new UserError(
            `${where}: line ${line} has '${text.slice(at, at + 10).split(/[\r\n]/)[0]}' behind a closing quote, ` +
              'expected a separator; double the quotes inside of a quoted cell',
          );
        }
      } else {
        let end = at;
        while (end < text.length && text[end] !== separator && text[end] !== '\n' && text[end] !== '\r')
          end++;
        cell = text.slice(at, end);
        at = end;
      }
      cells.push(cell);
      if (text[at] === separator) at += 1;
      else {
        if (text[at] === '\r' && text[at + 1] === '\n') at += 1;
        at += 1;
        line += 1;
        isRowOpen = false;
      }
    }
    if (cells.some((cell) => cell.trim() !== '')) rows.push({ line: begun, cells });
  }
  return rows;
}

/** The position of the next line break; the text's length without one. */
function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  const line = text.slice(from, end < 0 ? text.length : end);
  const early = line.indexOf('\r');
  return from + (early < 0 ? line.length : early);
}

/** The position of the quote that closes the one at `open`; -1 if there is none. */
function closingQuote(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  return -1;
}
