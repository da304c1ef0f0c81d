// A network's numbers as a canvas has its pixels.

/**
 * Writes images, floats in [-1, 1] with `channels` a pixel, into `pixels` from `first` on: a pixel a word, rounded as the
 * trainer's grids are. The word's bytes are red, green, blue, alpha, as processors that browsers run on lay them.
 */
export function paint(floats: Float32Array, channels: number, pixels: Uint32Array, first: number): void {
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
