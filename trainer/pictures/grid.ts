// A grid of images: rows and columns without margins, so that a program can cut it apart by dividing its sides. Every unlabelled
// PNG of the program is such a grid; labelled sheets are in sheet.ts.
import sharp from 'sharp';
import type { Channels, ImageShape } from '../../runtime-web/format/image-shape.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { marked } from './mark.ts';
import { writeBytes } from './pixels.ts';

/** File name of a step's sample grid, like its checkpoint's: `step-000500.png`. */
export function gridName(step: number): string {
  return `step-${String(step).padStart(6, '0')}.png`;
}

/** File name of a seed's image, `0000042.png`: names sort like seeds up to `lastSeed`. */
export function imageName(seed: number, lastSeed: number): string {
  return `${String(seed).padStart(Math.max(7, String(lastSeed).length), '0')}.png`;
}

/** A grid's pixels: bytes [height, width, channels], straight with 4 channels. */
export interface Grid {
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
  readonly pixels: Uint8Array;
}

/** A black grid with room for images [n, h, w, c], transparent with 4 channels. Throws RangeError unless c is 1, 3 or 4. */
export function emptyGrid(
  [n = 0, h = 0, w = 0, c = 0]: readonly number[],
  columns = Math.ceil(Math.sqrt(n)),
): Grid {
  if (c !== 1 && c !== 3 && c !== 4) {
    throw new RangeError(`a grid of images: got ${c} channels, expected 1, 3 or 4`);
  }
  const width = columns * w;
  const height = Math.ceil(n / Math.max(1, columns)) * h;
  return { width, height, channels: c, pixels: new Uint8Array(width * height * c) };
}

/**
 * Writes images [n, h, w, c] in [-1, 1], premultiplied with 4 channels, into a grid whose cells have their size, row by row from
 * cell `first` on. Values outside the range are clamped; NaN becomes byte 0.
 */
export function placeImages(grid: Grid, images: HostTensor, first: number): void {
  const [n = 0, h = 0, w = 0, c = 0] = images.shape;
  const columns = grid.width / w;
  const rowLength = w * c;
  for (let i = 0; i < n; i++) {
    const left = ((first + i) % columns) * w;
    const top = Math.floor((first + i) / columns) * h;
    for (let y = 0; y < h; y++) {
      const from = (i * h + y) * rowLength;
      const to = ((top + y) * grid.width + left) * c;
      const row = images.data.subarray(from, from + rowLength) as Float32Array;
      writeBytes(row, c as Channels, grid.pixels.subarray(to, to + rowLength));
    }
  }
}

/** Images [n, h, w, c] in [-1, 1] as a grid; unused cells are black. `columns` is ceil(sqrt(n)) by default. */
export function layGrid(images: HostTensor, columns?: number): Grid {
  const grid = emptyGrid(images.shape, columns);
  placeImages(grid, images, 0);
  return grid;
}

/** A grid of one row, from separate images [height, width, channels] in [-1, 1]. */
export function rowOfImages(images: readonly Float32Array[], { width, height, channels }: ImageShape): Grid {
  const row = emptyGrid([images.length, height, width, channels], images.length);
  for (const [i, data] of images.entries()) {
    placeImages(row, { shape: [1, height, width, channels], dtype: 'float32', data }, i);
  }
  return row;
}

/** Joins grids of one shape into rows of `columns`, with `gap` white pixels between them. */
export function joinGrids(grids: readonly Grid[], columns: number, gap: number): Grid {
  const { width, height, channels } = grids[0]!;
  const across = Math.min(columns, grids.length);
  const whole = {
    width: across * (width + gap) - gap,
    height: Math.ceil(grids.length / across) * (height + gap) - gap,
    channels,
  };
  const pixels = new Uint8Array(whole.width * whole.height * channels).fill(255);
  for (const [i, grid] of grids.entries()) {
    const left = (i % across) * (width + gap);
    const top = Math.floor(i / across) * (height + gap);
    for (let y = 0; y < height; y++) {
      const row = grid.pixels.subarray(y * width * channels, (y + 1) * width * channels);
      pixels.set(row, ((top + y) * whole.width + left) * channels);
    }
  }
  return { ...whole, pixels };
}

/** Encodes a grid as a PNG, each pixel as a square of `scale` by `scale`. */
export async function gridPng(grid: Grid, scale = 1): Promise<Uint8Array> {
  const { width, height, channels, pixels } = grid;
  const picture = sharp(pixels, { raw: { width, height, channels } });
  if (scale !== 1) picture.resize(width * scale, height * scale, { kernel: 'nearest' });
  return picture.png().toBuffer();
}

/** Writes {@link gridPng}, atomically. */
export async function writeGrid(path: string, grid: Grid, scale = 1): Promise<void> {
  await writeFileAtomically(path, await gridPng(grid, scale));
}

/** {@link writeGrid} with this program's mark (see mark.ts). */
export async function writeMarkedGrid(
  path: string,
  grid: Grid,
  scale = 1,
  mark: { readonly isSingle?: boolean } = {},
): Promise<void> {
  await writeFileAtomically(path, marked(await gridPng(grid, scale), mark));
}

/** One image [1, h, w, c] in [-1, 1] as a PNG with this program's mark of a single image. */
export async function imagePng(image: HostTensor): Promise<Uint8Array> {
  return marked(await gridPng(layGrid(image)), { isSingle: true });
}
