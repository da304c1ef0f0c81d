// Animated pictures from frames: GIF, in 256 colours, and WebP, without loss; written by sharp, whole or not there.
import sharp from 'sharp';
import { writeFileAtomically } from '../files/atomic-file.ts';
import type { Grid } from './grid.ts';

/** The endings of films. */
export const filmEndings = ['.gif', '.webp'] as const;

/** How a film plays. */
export interface FilmSettings {
  readonly fps: number;
  /** Pixels in the film for each pixel of a frame. */
  readonly scale: number;
  /** Whether it goes on for ever. */
  readonly isLoop: boolean;
}

/** Longest side of a frame, by the format. */
export const mostSide = { '.gif': 65_535, '.webp': 16_383 } as const;

/**
 * How long each frame is shown, in ms: multiples of the format's `unit` that keep the rate over the whole film, because GIF
 * counts in hundredths of a second and 30 frames a second are none.
 */
export function frameDelays(count: number, fps: number, unit: number): number[] {
  const until = (frame: number): number => unit * Math.round((frame * 1000) / fps / unit);
  return Array.from({ length: count }, (_, i) => until(i + 1) - until(i));
}

/** Writes frames of one size as a film, in the format that the path's ending names. */
export async function writeFilm(
  path: string,
  frames: readonly Grid[],
  { fps, scale, isLoop }: FilmSettings,
): Promise<void> {
  const { width, height, channels } = frames[0]!;
  const length = width * height * channels * scale * scale;
  const pixels = Buffer.alloc(frames.length * length);
  for (const [i, frame] of frames.entries()) {
    pixels.set(enlarged(frame, scale), i * length);
  }
  const isGif = path.toLowerCase().endsWith('.gif');
  const raw = { width: width * scale, height: frames.length * height * scale, channels };
  const film = sharp(pixels, { raw: { ...raw, pageHeight: height * scale }, limitInputPixels: false });
  const timing = { loop: isLoop ? 0 : 1, delay: frameDelays(frames.length, fps, isGif ? 10 : 1) };
  const bytes = await (isGif ? film.gif(timing) : film.webp({ ...timing, lossless: true })).toBuffer();
  await writeFileAtomically(path, bytes);
}

/** Each pixel as a square. */
function enlarged({ width, height, channels, pixels }: Grid, scale: number): Uint8Array {
  if (scale === 1) return pixels;
  const row = width * scale * channels;
  const out = new Uint8Array(row * height * scale);
  for (let y = 0; y < height * scale; y++) {
    if (y % scale !== 0) {
      out.copyWithin(y * row, (y - 1) * row, y * row);
      continue;
    }
    const from = (y / scale) * width * channels;
    for (let x = 0; x < width * scale; x++) {
      const at = from + Math.floor(x / scale) * channels;
      for (let c = 0; c < channels; c++) out[y * row + x * channels + c] = pixels[at + c]!;
    }
  }
  return out;
}
