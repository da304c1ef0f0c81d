// Animations of frames, encoded by sharp: GIF (256 colours) or WebP (lossless).
import sharp from 'sharp';
import { writeFileAtomically } from '../files/atomic-file.ts';
import type { Grid } from './grid.ts';

/** File endings of animations. */
export const filmEndings = ['.gif', '.webp'] as const;

/** Settings of an animation. */
export interface FilmSettings {
  readonly fps: number;
  /** Each pixel of a frame becomes a square of `scale` by `scale`. */
  readonly scale: number;
  /** True if the animation repeats for ever; otherwise it plays once. */
  readonly isLoop: boolean;
}

/** Longest side of a frame in pixels, by format. */
export const maxSide = { '.gif': 65_535, '.webp': 16_383 } as const;

/**
 * The duration of each of `count` frames in ms: multiples of the format's `unit`, varied so that the average rate is `fps`. GIF's unit is
 * 10 ms, so that 30 frames per second take 30 or 40 ms each.
 */
export function frameDelays(count: number, fps: number, unit: number): number[] {
  const until = (frame: number): number => unit * Math.round((frame * 1000) / fps / unit);
  return Array.from({ length: count }, (_, i) => until(i + 1) - until(i));
}

/** Writes frames of one size as an animation; the path's ending selects the format. */
export async function writeFilm(
  path: string,
  frames: readonly Grid[],
  settings: FilmSettings,
): Promise<void> {
  const format = path.toLowerCase().endsWith('.gif') ? '.gif' : '.webp';
  await writeFileAtomically(path, markedFilm(await encodeFilm(frames, format, settings), format));
}

/** A GIF's comment `dcgan` before its trailer; a WebP's empty chunk `dcgn`. */
const gifMark = Buffer.from('\x21\xfe\x05dcgan\0\x3b', 'latin1');
const webpMark = Buffer.from('dcgn\0\0\0\0', 'latin1');

/** The animation with this program's mark at its end; its frames are unchanged. */
function markedFilm(film: Uint8Array, format: (typeof filmEndings)[number]): Uint8Array {
  if (format === '.gif') return Buffer.concat([film.subarray(0, -1), gifMark]);
  const bytes = Buffer.concat([film, webpMark]);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  return bytes;
}

/** True for an animation that {@link writeFilm} wrote. */
export function isOwnFilm(bytes: Uint8Array): boolean {
  return gifMark.equals(bytes.subarray(-gifMark.length)) || webpMark.equals(bytes.subarray(-webpMark.length));
}

/** Encodes frames of one size as an animation. */
export async function encodeFilm(
  frames: readonly Grid[],
  format: (typeof filmEndings)[number],
  { fps, scale, isLoop }: FilmSettings,
): Promise<Uint8Array> {
  const { width, height, channels } = frames[0]!;
  const length = width * height * channels * scale * scale;
  const pixels = Buffer.alloc(frames.length * length);
  for (const [i, frame] of frames.entries()) {
    pixels.set(enlarged(frame, scale), i * length);
  }
  const isGif = format === '.gif';
  const raw = { width: width * scale, height: frames.length * height * scale, channels };
  const film = sharp(pixels, { raw: { ...raw, pageHeight: height * scale }, limitInputPixels: false });
  const timing = { loop: isLoop ? 0 : 1, delay: frameDelays(frames.length, fps, isGif ? 10 : 1) };
  return (isGif ? film.gif(timing) : film.webp({ ...timing, lossless: true })).toBuffer();
}

/** The frame's pixels, each as a square of `scale` by `scale`. */
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
