// Pictures that Pillow has resized (a fixture, made by scripts/fixtures/pictures.py), and their pixels by the fixture's formulas.
import { readFileSync } from 'node:fs';
import type { Channels } from '../../../runtime-web/format/image-shape.ts';

interface Fixture {
  readonly made: string;
  readonly side: number;
  readonly cases: readonly (Record<'opaque' | 'grey' | 'white' | 'premultiplied', string> & {
    readonly width: number;
    readonly height: number;
    readonly focus: readonly [number, number];
  })[];
}

/** The fixture. */
export const pillow = JSON.parse(readFileSync('test/fixtures/pillow-pictures.json', 'utf8')) as Fixture;

/** The forms of the results: the kind of picture that they come from, and their channels. */
export const forms = [
  { form: 'opaque', isOpaque: true, channels: 3 },
  { form: 'grey', isOpaque: true, channels: 1 },
  { form: 'white', isOpaque: false, channels: 3 },
  { form: 'premultiplied', isOpaque: false, channels: 4 },
] as const satisfies readonly { form: string; isOpaque: boolean; channels: Channels }[];

/** Straight RGBA [height, width, 4] of a picture. */
export function pixelsOf(width: number, height: number, isOpaque: boolean): Uint8Array<ArrayBuffer> {
  const pixels = new Uint8Array(4 * width * height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      pixels[at] = (x * x + 3 * y * y) >> 6;
      pixels[at + 1] = x ^ y;
      pixels[at + 2] = x * 7 + y * 11;
      pixels[at + 3] = isOpaque ? 255 : Math.max(0, Math.min(255, ((x * 5 + y * 3) % 400) - 70));
    }
  }
  return pixels;
}

/** The bytes of a result. */
export const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

/** Largest and mean difference of two lists of bytes; infinite for lists of different lengths. */
export function differences(a: ArrayLike<number>, b: ArrayLike<number>): { worst: number; mean: number } {
  if (a.length !== b.length) return { worst: Infinity, mean: Infinity };
  const all = Array.from({ length: a.length }, (_, i) => Math.abs(a[i]! - b[i]!));
  return {
    worst: all.reduce((most, each) => Math.max(most, each), 0),
    mean: all.reduce((sum, each) => sum + each, 0) / all.length,
  };
}
