// Degrades images on purpose, so that their restorations can be measured against the originals.
import { luminanceOf } from '../../runtime-web/format/restoring/colour.ts';
import type { Random } from '../../runtime-web/format/random.ts';

/** One grey level of 255, in [-1, 1] units. */
const level = 2 / 255;

/** The image [pixels · channels] with mid grey in masked pixels. */
export function withHoles(
  picture: Float32Array,
  mask: Float32Array,
  channels: number,
): Float32Array<ArrayBuffer> {
  return Float32Array.from(picture, (value, i) => (mask[Math.floor(i / channels)]! > 0 ? 0 : value));
}

/** The image plus normal noise with a standard deviation of `levels` (of 255), clipped to black and white as in a file. */
export function withNoise(picture: Float32Array, levels: number, random: Random): Float32Array<ArrayBuffer> {
  return Float32Array.from(picture, (value) => {
    const noisy = value + levels * level * random.normal();
    return Math.min(1, Math.max(-1, noisy));
  });
}

/** The image [pixels · 3] in grey: its luminance in every channel. */
export function withoutColour(picture: Float32Array): Float32Array<ArrayBuffer> {
  const grey = luminanceOf(picture);
  return Float32Array.from(picture, (_, i) => grey[Math.floor(i / 3)]!);
}
