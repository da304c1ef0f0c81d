// Folders of small images of two or more classes that are easy to tell apart.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { Random } from '../../../runtime-web/format/random.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';

/** True for a pixel inside the shape, for each kind. */
const kinds: Readonly<Record<string, (x: number, y: number, size: number) => boolean>> = {
  bars: (_, y, size) => (y + size) % 6 < 3,
  discs: (x, y, size) => Math.hypot(x - 8, y - 8) < 3 + (size % 4),
  posts: (x, _, size) => (x + size) % 6 < 3,
};

/** The kinds of shapes. */
export const kindNames = Object.keys(kinds);

/** A folder of `counts[kind]` pictures of 16x16 each, in a folder for each kind; `grey` ones have no colour. */
export async function labelledPictures(
  counts: Readonly<Record<string, number>>,
  { seed = 1, isGrey = false, folder = temporaryFolder() } = {},
): Promise<string> {
  const random = new Random(seed);
  for (const [kind, count] of Object.entries(counts)) {
    mkdirSync(join(folder, kind), { recursive: true });
    for (let i = 0; i < count; i++) {
      const [size, bright, dark] = [random.integer(6), 130 + random.integer(120), random.integer(90)];
      const pixels = new Uint8Array(16 * 16 * 3);
      for (let k = 0; k < 256; k++) {
        const level = kinds[kind]!(k % 16, k >> 4, size) ? bright : dark;
        const noisy = Math.max(0, Math.min(255, level + random.integer(60) - 30));
        pixels.set(isGrey ? [noisy, noisy, noisy] : [noisy, noisy >> 1, 255 - noisy], 3 * k);
      }
      let image = sharp(pixels, { raw: { width: 16, height: 16, channels: 3 } });
      if (isGrey) image = image.toColourspace('b-w');
      await image.png().toFile(join(folder, kind, `${i}.png`));
    }
  }
  return folder;
}
