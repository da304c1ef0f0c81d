// The missing area of a picture as 16 by 16 cells, few enough for a link: 64 hexadecimal digits.
import type { ImageSize } from '../runtime-web/format/image-shape.ts';

/** Cells along a side. */
export const cellsPerSide = 16;
const cellCount = cellsPerSide ** 2;

/** True for missing cells, row by row. */
export type Cells = boolean[];

const byPlace = (isMissing: (x: number, y: number) => boolean): Cells =>
  Array.from({ length: cellCount }, (_, i) => isMissing(i % cellsPerSide, Math.floor(i / cellsPerSide)));

/** Masks to start from, by name. */
export const presets: Readonly<Record<string, () => Cells>> = {
  'the middle': () => byPlace((x, y) => x >= 4 && x < 12 && y >= 4 && y < 12),
  'the eyes': () => byPlace((x, y) => x >= 2 && x < 14 && y >= 5 && y < 9),
  'the left half': () => byPlace((x) => x < 8),
  'the lower half': () => byPlace((_, y) => y >= 8),
  'every other cell': () => byPlace((x, y) => (x + y) % 2 === 0),
  nothing: () => byPlace(() => false),
};

/** Cells as text for a link. */
export function toHex(cells: Cells): string {
  return Array.from({ length: cellCount / 4 }, (_, digit) =>
    [0, 1, 2, 3].reduce((sum, bit) => 2 * sum + Number(cells[4 * digit + bit]), 0).toString(16),
  ).join('');
}

/** Cells from a link; null for invalid text. */
export function fromHex(text: string | undefined): Cells | null {
  if (text === undefined || !new RegExp(`^[0-9a-f]{${cellCount / 4}}$`).test(text)) return null;
  return [...text].flatMap((digit) => [8, 4, 2, 1].map((bit) => (parseInt(digit, 16) & bit) !== 0));
}

/** The index of the cell that holds a pixel of a picture. */
export function cellOf(x: number, y: number, { width, height }: ImageSize): number {
  const cell = (at: number, side: number): number => Math.floor((at * cellsPerSide) / side);
  return cell(y, height) * cellsPerSide + cell(x, width);
}

/** A number for each pixel of a picture, 1 where it is missing. */
export function toPixels(cells: Cells, size: ImageSize): number[] {
  return Array.from({ length: size.width * size.height }, (_, i) =>
    Number(cells[cellOf(i % size.width, Math.floor(i / size.width), size)]),
  );
}
