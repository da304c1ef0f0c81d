// Rotates, scales and shifts an image in one resampling step with Keys' cubic kernel. When shrinking, the kernel is widened to
// avoid aliasing, as in Pillow's resize; without rotation the result is then equal to Pillow's.
import type { Similarity } from './geometry.ts';

/** An image in memory: [height, width, 3] uint8. */
export interface Photo {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** Padding outside the image: its mirror image, or black. */
export type Outside = 'mirror' | 'black';

/**
 * Resamples a square of `photo` to [size, size, 3] uint8; `map` maps pixels of the result to the photo.
 * Cost: about 16 taps per pixel of the square in the photo, and at least 16 per pixel of the result.
 */
export function resampleSimilarity(
  { width, height, pixels }: Photo,
  map: Similarity,
  size: number,
  outside: Outside = 'mirror',
): Uint8Array {
  const { cos, sin } = map;
  const scale = Math.hypot(cos, sin);
  // When shrinking, the kernel is aligned with the result's axes and extends two of its pixels each way. When enlarging, it is aligned
  // with the photo's axes and interpolates.
  const isShrunk = scale > 1;
  const [a, b] = isShrunk ? [cos / scale ** 2, sin / scale ** 2] : [1, 0];
  const reach = isShrunk ? 2 * (Math.abs(cos) + Math.abs(sin)) : 2;
  const result = new Uint8ClampedArray(size * size * 3);
  const columns = new Int32Array(Math.ceil(2 * reach) + 2);
  for (let row = 0, to = 0; row < size; row++) {
    for (let column = 0; column < size; column++, to += 3) {
      const x = cos * (column + 0.5) - sin * (row + 0.5) + map.x;
      const y = sin * (column + 0.5) + cos * (row + 0.5) + map.y;
      const left = Math.ceil(x - reach - 0.5);
      const right = Math.floor(x + reach - 0.5);
      const top = Math.ceil(y - reach - 0.5);
      const bottom = Math.floor(y + reach - 0.5);
      for (let i = left; i <= right; i++) columns[i - left] = 3 * sourceIndex(i, width, outside);
      let [red, green, blue, total] = [0, 0, 0, 0];
      for (let j = top; j <= bottom; j++) {
        const line = sourceIndex(j, height, outside);
        const start = line * width * 3;
        const dy = j + 0.5 - y;
        // Distance of the pixel from the kernel's centre along its two axes; both change linearly along the row.
        let across = a * (left + 0.5 - x) + b * dy;
        let down = a * dy - b * (left + 0.5 - x);
        for (let i = left; i <= right; i++, across += a, down -= b) {
          if (across >= 2 || across <= -2 || down >= 2 || down <= -2) continue;
          const weight = keys(across) * keys(down);
          total += weight;
          const from = columns[i - left]!;
          if (line < 0 || from < 0) continue;
          red += weight * pixels[start + from]!;
          green += weight * pixels[start + from + 1]!;
          blue += weight * pixels[start + from + 2]!;
        }
      }
      result[to] = red / total;
      result[to + 1] = green / total;
      result[to + 2] = blue / total;
    }
  }
  return new Uint8Array(result.buffer);
}

/** The fraction of the square outside the photo, 0 to 1, estimated on a grid of 64 by 64 points. */
export function shareOutside(
  { width, height }: Pick<Photo, 'width' | 'height'>,
  { cos, sin, x, y }: Similarity,
  size: number,
): number {
  const raster = 64;
  let outside = 0;
  for (let row = 0; row < raster; row++) {
    for (let column = 0; column < raster; column++) {
      const u = ((column + 0.5) / raster) * size;
      const v = ((row + 0.5) / raster) * size;
      const [px, py] = [cos * u - sin * v + x, sin * u + cos * v + y];
      if (px < 0 || py < 0 || px >= width || py >= height) outside++;
    }
  }
  return outside / raster ** 2;
}

/** Index of the pixel that is read at `index`: itself, its mirror image (border pixel doubled), or -1 for black. */
function sourceIndex(index: number, length: number, outside: Outside): number {
  if (index >= 0 && index < length) return index;
  if (outside === 'black') return -1;
  const period = 2 * length;
  const place = ((index % period) + period) % period;
  return place < length ? place : period - 1 - place;
}

/** Keys 1981, equation 15, as in Pillow's bicubic filter; for |x| < 2 only, beyond which the kernel is 0. */
function keys(x: number): number {
  const t = Math.abs(x);
  return t < 1 ? (1.5 * t - 2.5) * t * t + 1 : ((-0.5 * t + 2.5) * t - 4) * t + 2;
}
