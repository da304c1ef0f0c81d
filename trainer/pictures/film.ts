// Animations of frames, encoded by sharp: GIF (256 colours) or WebP (lossless).
import sharp from 'sharp';
import { writeFileAtomically } from '../files/atomic-file.ts';
import type { Grid } from './grid.ts';

/** File endings of animations. */
export const filmEndings = ['.gif', '.webp'] as const;

/** Settings of an animation. */
export interface FilmSettings {
  readonly fps: number;
  /** True if the animation repeats for ever; otherwise it plays once. */
  readonly isLoop: boolean;
}

/** Frames of one size, one below the other. */
export interface Film extends Grid {
  readonly frames: number;
}

/** A film with room for `frames` frames like `frame`. */
export function emptyFilm({ width, height, channels, pixels }: Grid, frames: number): Film {
  return {
    ...{ width, height: height * frames, channels, frames },
    pixels: new Uint8Array(pixels.length * frames),
  };
}

/** Copies a frame into its place. */
export function placeFrame(film: Film, frame: Grid, index: number): void {
  film.pixels.set(frame.pixels, index * frame.pixels.length);
}

/** A film of frames of one size. */
export function filmOf(frames: readonly Grid[]): Film {
  const film = emptyFilm(frames[0]!, frames.length);
  for (const [i, frame] of frames.entries()) placeFrame(film, frame, i);
  return film;
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

/** Writes a film as an animation; the path's ending selects the format. */
export async function writeFilm(path: string, film: Film, settings: FilmSettings): Promise<void> {
  const format = path.toLowerCase().endsWith('.gif') ? '.gif' : '.webp';
  await writeFileAtomically(path, markedFilm(await encodeFilm(film, format, settings), format));
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

/** Encodes a film as an animation. */
export async function encodeFilm(
  { width, height, channels, pixels, frames }: Film,
  format: (typeof filmEndings)[number],
  { fps, isLoop }: FilmSettings,
): Promise<Uint8Array> {
  const isGif = format === '.gif';
  const raw = { width, height, channels, pageHeight: height / frames };
  const film = sharp(pixels, { raw, limitInputPixels: false });
  const timing = { loop: isLoop ? 0 : 1, delay: frameDelays(frames, fps, isGif ? 10 : 1) };
  return (isGif ? film.gif(timing) : film.webp({ ...timing, lossless: true })).toBuffer();
}
