// A labelled sheet of small images as a PNG: rows under headings, each with a label and groups of images side by side.
import sharp from 'sharp';
import { lengthOf, type Channels, type ImageShape } from '../../runtime-web/format/image-shape.ts';
import type { Grid } from './grid.ts';
import { hasDot, letterHeight, letterWidth, textWidth } from './pixel-font.ts';
import { toByte } from './pixels.ts';

/** An image: `data` is [height, width, channels] in [-1, 1]; NaN is shown white, and so is what lies behind premultiplied alpha. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly channels: Channels;
  readonly data: Float32Array;
}

/** A row of a sheet: a heading, or groups of images, with a label on the left and a text above each group. */
export type SheetRow =
  | { readonly heading: string }
  | {
      readonly label?: string;
      readonly above?: readonly string[];
      readonly groups: readonly (readonly Picture[])[];
    };

/** Side of a letter's dot and other sizes, in pixels of the sheet. */
const dot = 2;
const lineHeight = (letterHeight + 2) * dot;
const margin = 8;
const gap = 2;
const groupGap = 12;
const ink = 48;

/** Draws the rows, each image pixel as a square of `scale` by `scale`. Resolves to the bytes of a PNG. */
export async function drawSheet(rows: readonly SheetRow[], scale: number): Promise<Uint8Array> {
  const { width, height, channels, pixels } = paintSheet(rows, scale);
  return sharp(pixels, { raw: { width, height, channels } }).png({ compressionLevel: 9 }).toBuffer();
}

/** The pixels of {@link drawSheet}. */
export function paintSheet(rows: readonly SheetRow[], scale: number): Grid {
  const labelWidth = Math.max(
    0,
    ...rows.map((row) => ('label' in row ? textWidth(row.label ?? '') * dot + groupGap : 0)),
  );
  // Group g is at least as wide as the widest text above it in any row, so that columns are aligned.
  const minWidth = (g: number): number =>
    Math.max(0, ...rows.map((row) => ('above' in row ? textWidth(row.above?.[g] ?? '') * dot : 0)));
  const groupWidth = (group: readonly Picture[], g: number): number =>
    Math.max(
      minWidth(g),
      group.reduce((sum, { width }) => sum + width * scale + gap, -gap),
    );
  const sizes = rows.map((row) => {
    if ('heading' in row) return { width: textWidth(row.heading) * dot, height: lineHeight + margin };
    const pictures = row.groups.flat();
    const above = row.above === undefined ? 0 : lineHeight;
    return {
      width: row.groups.reduce(
        (sum, group, g) => sum + groupWidth(group, g) + groupGap,
        labelWidth - groupGap,
      ),
      height: above + Math.max(0, ...pictures.map(({ height }) => height * scale)) + gap,
    };
  });
  const width = 2 * margin + Math.max(0, ...sizes.map((size) => size.width));
  const height = 2 * margin + sizes.reduce((sum, size) => sum + size.height, 0);
  const pixels = new Uint8Array(width * height * 3).fill(255);

  const put = (x: number, y: number, r: number, g: number, b: number): void => {
    if (x < width && y < height) pixels.set([r, g, b], 3 * (y * width + x));
  };
  const write = (text: string, left: number, top: number): void => {
    for (const [i, letter] of [...text].entries()) {
      for (let y = 0; y < letterHeight * dot; y++) {
        for (let x = 0; x < letterWidth * dot; x++) {
          if (hasDot(letter, Math.floor(x / dot), Math.floor(y / dot))) {
            put(left + i * (letterWidth + 1) * dot + x, top + y, ink, ink, ink);
          }
        }
      }
    }
  };
  const paste = (picture: Picture, left: number, top: number): void => {
    const { channels, data } = picture;
    const byte = (value: number): number => (Number.isNaN(value) ? 255 : toByte(value));
    for (let y = 0; y < picture.height * scale; y++) {
      for (let x = 0; x < picture.width * scale; x++) {
        const at = (Math.floor(y / scale) * picture.width + Math.floor(x / scale)) * channels;
        const behind = channels === 4 ? 1 - data[at + 3]! : 0;
        const [r, g, b] = [0, 1, 2].map((c) => byte(data[at + (channels === 1 ? 0 : c)]! + behind));
        put(left + x, top + y, r!, g!, b!);
      }
    }
  };

  let top = margin;
  for (const [i, row] of rows.entries()) {
    if ('heading' in row) write(row.heading, margin, top + margin);
    else {
      const { label = '', above, groups } = row;
      const start = top + (above === undefined ? 0 : lineHeight);
      const tallest = sizes[i]!.height - gap - (start - top);
      write(label, margin, start + Math.max(0, Math.floor((tallest - letterHeight * dot) / 2)));
      let left = margin + labelWidth;
      for (const [g, group] of groups.entries()) {
        write(above?.[g] ?? '', left, top);
        let x = left;
        for (const picture of group) {
          paste(picture, x, start);
          x += picture.width * scale + gap;
        }
        left += groupWidth(group, g) + groupGap;
      }
    }
    top += sizes[i]!.height;
  }
  return { width, height, channels: 3, pixels };
}

/** Image number `index` of images [n, height, width, channels]. */
export function pictureAt(
  images: Float32Array,
  index: number,
  { width, height, channels }: ImageShape,
): Picture {
  const length = lengthOf({ width, height, channels });
  return { height, width, channels, data: images.subarray(index * length, (index + 1) * length) };
}

/** A crop of an image; pixels outside the image are NaN, shown white. */
export function cropped(
  { height, width, channels, data }: Picture,
  rows: { readonly first: number; readonly size: number },
  columns: { readonly first: number; readonly size: number },
): Picture {
  const part = new Float32Array(rows.size * columns.size * channels).fill(NaN);
  for (let y = 0; y < rows.size; y++) {
    for (let x = 0; x < columns.size; x++) {
      const [from, left] = [rows.first + y, columns.first + x];
      if (from < 0 || from >= height || left < 0 || left >= width) continue;
      for (let c = 0; c < channels; c++) {
        part[(y * columns.size + x) * channels + c] = data[(from * width + left) * channels + c]!;
      }
    }
  }
  return { height: rows.size, width: columns.size, channels, data: part };
}

/**
 * Scales signed numbers for display: the `quantile` of their magnitudes (default: the largest) becomes 1 or -1, and zero stays
 * grey. Those of alpha are no transparency, and are left out.
 */
export function stretched(picture: Picture, quantile = 1): Picture {
  const signed = withoutAlpha(picture);
  const magnitudes = signed.data.filter((value) => !Number.isNaN(value)).map(Math.abs);
  const at = Math.min(magnitudes.length - 1, Math.floor(magnitudes.length * quantile));
  const largest = magnitudes.sort()[at] ?? 0;
  return largest === 0 ? signed : { ...signed, data: signed.data.map((value) => value / largest) };
}

function withoutAlpha(picture: Picture): Picture {
  return picture.channels === 4
    ? { ...picture, channels: 3, data: picture.data.filter((_, i) => i % 4 !== 3) }
    : picture;
}
