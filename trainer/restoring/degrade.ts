// Spoils pictures on purpose, so that what restoring makes of them can be measured against the originals.
import { luminanceOf } from '../../runtime-web/format/restoring/colour.ts';
import type { Random } from '../../runtime-web/format/random.ts';

/** Values in [-1, 1] for a level of 255. */
const level = 2 / 255;

/** The picture [pixels · channels] with missing pixels in mid grey. */
export function withHoles(
  picture: Float32Array,
  mask: Float32Array,
  channels: number,
): Float32Array<ArrayBuffer> {
  return Float32Array.from(picture, (value, i) => (mask[Math.floor(i / channels)]! > 0 ? 0 : value));
}

/** The picture with normal noise of a deviation of so many levels of 255, cut off at black and white as a file would be. */
export function withNoise(picture: Float32Array, levels: number, random: Random): Float32Array<ArrayBuffer> {
  return Float32Array.from(picture, (value) => {
    const noisy = value + levels * level * random.normal();
    return Math.min(1, Math.max(-1, noisy));
  });
}

/** The picture [pixels · 3] without its colour, its luminance in every channel. */
export function withoutColour(picture: Float32Array): Float32Array<ArrayBuffer> {
  const grey = luminanceOf(picture);
  return Float32Array.from(picture, (_, i) => grey[Math.floor(i / 3)]!);
}
