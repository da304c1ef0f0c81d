// Writes restored images, and the interpolation between two of them.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { onDisk } from '../files/disk.ts';
import { enlarged } from '../data/enlarge.ts';
import { encodeFilm, filmOf } from '../pictures/film.ts';
import { marked } from '../pictures/mark.ts';
import { gridPng, layGrid, rowOfImages, type Grid } from '../pictures/grid.ts';
import { saveFinding } from '../run/save-finding.ts';
import type { PicturesBetween } from './between-pictures.ts';
import type { PictureSize } from './read-picture.ts';
import type { RestoredPicture } from './restore-pictures.ts';

/** Frame rate of the animation: about 12 frames per second, at 83 whole ms each. */
const fps = 1000 / 83;
/** Approximate side of the animation in pixels. */
const filmSide = 256;

/** Writes each restored picture as `NAME.png`, at the model's size; resolves to the folder. Throws UserError if a file cannot be written. */
export async function savePictures(folder: string, restored: readonly RestoredPicture[]): Promise<string> {
  for (const { name, pictures, degraded } of restored) {
    await put(
      folder,
      `${name}.png`,
      marked(await gridPng(rowOfImages([pictures.restored], degraded)), { isSingle: true }),
    );
  }
  return folder;
}

/** The inputs of an interpolation. */
export interface BetweenAccount {
  readonly ends: readonly [Float32Array, Float32Array];
  readonly names: readonly [string, string];
  readonly size: PictureSize;
  /** The checkpoint's step. */
  readonly step: number;
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * Writes the interpolation as a strip, as an animated WebP that runs forward and back, and as a finding; warns of one that it replaces. Throws UserError if a file
 * cannot be written.
 */
export async function saveBetween(
  out: string,
  { frames, losses }: PicturesBetween,
  { ends, names, size, step, settings }: BetweenAccount,
  warn: (line: string) => void,
): Promise<{ readonly strip: string; readonly film: string }> {
  const strip = await gridPng(rowOfImages([ends[0], ...frames, ends[1]], size));
  const scale = Math.max(1, Math.round(filmSide / Math.max(size.width, size.height)));
  const thereAndBack = [...frames, ...frames.slice(1, -1).reverse()];
  const { width, height, channels } = size;
  const frameOf = (data: Float32Array): Grid =>
    layGrid(
      enlarged(
        { shape: [1, height, width, channels], dtype: 'float32', data },
        { scale, resample: 'nearest' },
      ),
    );
  const film = await encodeFilm(filmOf(thereAndBack.map(frameOf)), '.webp', { fps, isLoop: true });
  await put(out, 'between.webp', film);
  await saveFinding(
    out,
    {
      name: 'restore-between',
      title: 'Between two pictures',
      step,
      summary: `${frames.length} images between ${names[0]} and ${names[1]}, generated from interpolated latents.`,
      pictures: [
        {
          file: 'strip.png',
          content: strip,
          caption: 'The first image, the interpolation, the second image',
        },
      ],
      data: { settings, losses, names },
    },
    warn,
  );
  return { strip: join(out, 'strip.png'), film: join(out, 'between.webp') };
}

function put(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  return onDisk(
    folder,
    () => 'give another --out',
    async () => {
      await mkdir(folder, { recursive: true });
      await writeFileAtomically(join(folder, name), bytes);
    },
  );
}
