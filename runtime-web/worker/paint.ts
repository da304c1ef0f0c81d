// Converts a network's floats to canvas pixels.
import { straightByte } from '../format/straight-byte.ts';

/**
 * Writes floats in [-1, 1], `channels` per pixel, into `pixels` from index `first` on, rounded as in the trainer's grids; alpha becomes straight. A pixel is one
 * 32-bit word, in memory red, green, blue, alpha: browsers run on little-endian processors only.
 */
export function paint(floats: Float32Array, channels: number, pixels: Uint32Array, first: number): void {
  if (channels === 4) {
    for (let i = 0, from = 0; from < floats.length; i++, from += 4) {
      const alpha = floats[from + 3]!;
      const [red, green, blue] = [0, 1, 2].map((c) => straightByte(floats[from + c]!, alpha));
      pixels[first + i] = red! | (green! << 8) | (blue! << 16) | (byte(alpha) << 24);
    }
    return;
  }
  const isGrey = channels === 1;
  const count = floats.length / channels;
  for (let i = 0, from = 0; i < count; i++, from += channels) {
    const red = byte(floats[from]!);
    const green = isGrey ? red : byte(floats[from + 1]!);
    const blue = isGrey ? red : byte(floats[from + 2]!);
    pixels[first + i] = red | (green << 8) | (blue << 16) | 0xff000000;
  }
}

function byte(value: number): number {
  const scaled = ((value + 1) * 127.5 + 0.5) | 0;
  return scaled < 0 ? 0 : scaled > 255 ? 255 : scaled;
}
