// A grid of images as a PNG: rows and columns of a square number of images, edge to edge, without a margin, so
// that a grid can be cut apart again by dividing its sides.
import sharp from 'sharp';
import type { HostTensor } from '../trace/graph.ts';
import { writeAtomically, writeFully } from './atomic-file.ts';

/** `step-000500.png`, the same way as checkpoints are called. */
export function gridName(step: number): string {
  return `step-${String(step).padStart(6, '0')}.png`;
}

/** Pixels of a grid: bytes, row-major, `channels` to a pixel. */
export interface Grid {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly pixels: Uint8Array;
}

/**
 * Lays images [n, h, w, c] in [-1, 1] into a grid of ceil(sqrt(n)) columns; places left over are black. Values
 * outside the range are clamped; NaN becomes 0. Throws RangeError where c is neither 1 nor 3.
 */
export function layGrid(images: HostTensor): Grid {
  const [n = 0, h = 0, w = 0, c = 0] = images.shape;
  if (c !== 1 && c !== 3) throw new RangeError(`layGrid: got ${c} channels, expected 1 or 3`);
  const columns = Math.ceil(Math.sqrt(n));
  const rows = Math.ceil(n / Math.max(1, columns));
  const width = columns * w;
  const pixels = new Uint8Array(width * rows * h * c);
  const rowLength = w * c;
  for (let i = 0; i < n; i++) {
    const left = (i % columns) * w;
    const top = Math.floor(i / columns) * h;
    for (let y = 0; y < h; y++) {
      const from = (i * h + y) * rowLength;
      const to = ((top + y) * width + left) * c;
      for (let k = 0; k < rowLength; k++) {
        pixels[to + k] = Math.min(255, Math.max(0, Math.round(((images.data[from + k] ?? 0) + 1) * 127.5)));
      }
    }
  }
  return { width, height: rows * h, channels: c, pixels };
}

/** Writes a grid as a PNG, atomically. */
export async function writeGrid(path: string, { width, height, channels, pixels }: Grid): Promise<void> {
  const png = await sharp(pixels, { raw: { width, height, channels } }).png().toBuffer();
  await writeAtomically(path, (file) => writeFully(file, png));
}
