// The output of scripts/fixtures/faces.py, and the image that it is for.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of photographs. */
export const fixtures = join('test', 'fixtures', 'faces');

/** Numbers of TensorFlow Lite and Pillow. */
export const expected = JSON.parse(readFileSync(join(fixtures, 'expected.json'), 'utf8')) as {
  readonly network: {
    readonly cells: readonly number[];
    readonly numbers: readonly (readonly number[])[];
    readonly logits: readonly number[];
  };
  readonly resized: {
    readonly boxes: readonly (readonly [number, number, number, number])[];
    readonly size: number;
    readonly pixels: readonly (readonly number[])[];
  };
};

/** Bytes by a formula of place and channel, [height, width, 3]. */
export function picture(
  width: number,
  height: number,
  value: (x: number, y: number, channel: number) => number,
): { width: number; height: number; pixels: Uint8Array } {
  const pixels = new Uint8Array(width * height * 3);
  for (let i = 0; i < pixels.length; i++) {
    const place = Math.floor(i / 3);
    pixels[i] = value(place % width, Math.floor(place / width), i % 3);
  }
  return { width, height, pixels };
}
