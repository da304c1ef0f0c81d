// Saves restored images and interpolations.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically, writeFully } from '../files/atomic-file.ts';
import { onDisk } from '../files/disk.ts';
import { saveFinding } from '../run/save-finding.ts';
import type { PicturesBetween } from './between-pictures.ts';
import { animation, picturePng, pictureSheet } from './picture-sheet.ts';
import type { PictureSize } from './read-picture.ts';
import type { RestoredPicture } from './restore-pictures.ts';

/** Frame rate of an interpolation's film. */
const framesPerSecond = 12;
/** Side that a film's frames are enlarged to, in pixels, at least approximately. */
const filmSide = 256;

/** Writes each restored image as `NAME.png` at the model's size; resolves to the folder. Throws UserError if it cannot. */
export async function savePictures(folder: string, restored: readonly RestoredPicture[]): Promise<string> {
  for (const { name, pictures, degraded } of restored) {
    await put(folder, `${name}.png`, await picturePng(pictures.restored, degraded));
  }
  return folder;
}

/** Inputs and settings of an interpolation. */
export interface BetweenAccount {
  readonly ends: readonly [Float32Array, Float32Array];
  readonly names: readonly [string, string];
  readonly size: PictureSize;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Writes the images as a strip and, forth and back, as an animated WebP, and saves the finding. Throws UserError if it cannot. */
export async function saveBetween(
  out: string,
  { frames, losses }: PicturesBetween,
  { ends, names, size, settings }: BetweenAccount,
): Promise<{ readonly strip: string; readonly film: string }> {
  const shape = { side: size.imageSize, channels: size.channels };
  const strip = await pictureSheet([[ends[0], ...frames, ends[1]]], shape, 1, 1);
  const scale = Math.max(1, Math.round(filmSide / size.imageSize));
  const film = await animation([...frames, ...frames.slice(1, -1).reverse()], shape, framesPerSecond, scale);
  await put(out, 'between.webp', film);
  await saveFinding(out, {
    name: 'restore-between',
    title: 'Between two pictures',
    summary: `${frames.length} pictures on the way from ${names[0]} to ${names[1]}, as the generator draws it.`,
    pictures: [
      { file: 'strip.png', content: strip, caption: 'The first picture, the way, the second picture' },
    ],
    data: { settings, losses, names },
  });
  return { strip: join(out, 'strip.png'), film: join(out, 'between.webp') };
}

function put(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  return onDisk(
    folder,
    () => 'give another --out',
    async () => {
      await mkdir(folder, { recursive: true });
      await writeAtomically(join(folder, name), (file) => writeFully(file, bytes));
    },
  );
}
