// Weights of the known pixels for filling a hole (Yeh 2017, section 3.2, equation 2): the larger the missing part of a pixel's
// neighbourhood, the larger its weight. Distant pixels say little about the hole.
import type { ImageSize } from '../image-shape.ts';

/** Side of the window around a pixel, as in Yeh 2017. */
const windowSide = 7;

/**
 * Weights [height, width] for a mask [height, width] with 1 for missing and 0 for known pixels: the missing fraction of the window around a
 * known pixel, and 0 for missing ones. Pixels beyond the border do not count.
 */
export function contextWeights(
  mask: ArrayLike<number>,
  { width, height }: ImageSize,
): Float32Array<ArrayBuffer> {
  const reach = windowSide >> 1;
  const weights = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (mask[y * width + x]! > 0) continue;
      let missing = 0;
      let seen = -1;
      for (let v = Math.max(0, y - reach); v <= Math.min(height - 1, y + reach); v++) {
        for (let u = Math.max(0, x - reach); u <= Math.min(width - 1, x + reach); u++) {
          missing += Number(mask[v * width + u]! > 0);
          seen += 1;
        }
      }
      weights[y * width + x] = missing / Math.max(1, seen);
    }
  }
  return weights;
}
