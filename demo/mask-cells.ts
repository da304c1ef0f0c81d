// Which parts of a picture are missing, as 16 by 16 cells: coarse enough for a link to carry, 64 hexadecimal digits.

/** Cells along a side. */
export const cellsPerSide = 16;
const cellCount = cellsPerSide ** 2;

/** True where something is missing, row by row. */
export type Cells = boolean[];

const byPlace = (isMissing: (x: number, y: number) => boolean): Cells =>
  Array.from({ length: cellCount }, (_, i) => isMissing(i % cellsPerSide, Math.floor(i / cellsPerSide)));

/** Masks to begin with, by name. */
export const presets: Readonly<Record<string, () => Cells>> = {
  'the middle': () => byPlace((x, y) => x >= 4 && x < 12 && y >= 4 && y < 12),
  'the eyes': () => byPlace((x, y) => x >= 2 && x < 14 && y >= 5 && y < 9),
  'the left half': () => byPlace((x) => x < 8),
  'the lower half': () => byPlace((_, y) => y >= 8),
  'every other cell': () => byPlace((x, y) => (x + y) % 2 === 0),
  nothing: () => byPlace(() => false),
};

/** Cells as a link has them. */
export function toHex(cells: Cells): string {
  return Array.from({ length: cellCount / 4 }, (_, digit) =>
    [0, 1, 2, 3].reduce((sum, bit) => 2 * sum + Number(cells[4 * digit + bit]), 0).toString(16),
  ).join('');
}

/** Cells of a link; null for what is none. */
export function fromHex(text: string | undefined): Cells | null {
  if (text === undefined || !new RegExp(`^[0-9a-f]{${cellCount / 4}}$`).test(text)) return null;
  return [...text].flatMap((digit) => [8, 4, 2, 1].map((bit) => (parseInt(digit, 16) & bit) !== 0));
}

/** The cell that a pixel of a picture of this side is in. */
export function cellOf(x: number, y: number, side: number): number {
  const cell = (at: number): number => Math.floor((at * cellsPerSide) / side);
  return cell(y) * cellsPerSide + cell(x);
}

/** A number for each pixel of a picture of this side: 1 where it is missing. */
export function toPixels(cells: Cells, side: number): number[] {
  return Array.from({ length: side * side }, (_, i) =>
    Number(cells[cellOf(i % side, Math.floor(i / side), side)]),
  );
}
