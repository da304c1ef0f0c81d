// Aligns two images of which one may be slightly cropped: the method of Lucas and Kanade (1981) for a scale and a shift, on
// blurred images that may differ in brightness and contrast.
import { pictureSize } from './picture.ts';

/**
 * An alignment: the pixel (x, y) of the first image, relative to its centre, is at (scale x + right, scale y + down) in
 * the second, in pixels.
 */
export interface Placement {
  readonly scale: number;
  readonly right: number;
  readonly down: number;
}

const size = pictureSize;
const middle = (size - 1) / 2;
/** Limits of the search: crops of about an eighth, and shifts in pixels. */
const maxLogScale = 0.2;
const maxShift = 3;
const iterations = 8;

/** For each column, the source pixel before it and the weight of the next one. */
const before = new Int32Array(size);
const part = new Float64Array(size);

/**
 * Resamples the second image onto the pixels of the first, into `target`; both [32, 32]. Outside the image the nearest
 * border pixel is used.
 */
export function placed(plane: Float32Array, { scale, right, down }: Placement, target: Float32Array): void {
  const last = size - 1;
  for (let x = 0; x < size; x++) {
    const u = Math.min(last, Math.max(0, (x - middle) * scale + middle + right));
    before[x] = Math.min(last - 1, Math.floor(u));
    part[x] = u - before[x]!;
  }
  for (let y = 0; y < size; y++) {
    const v = Math.min(last, Math.max(0, (y - middle) * scale + middle + down));
    const top = Math.min(last - 1, Math.floor(v));
    const fy = v - top;
    for (let x = 0; x < size; x++) {
      const fx = part[x]!;
      const at = top * size + before[x]!;
      const above = plane[at]! * (1 - fx) + plane[at + 1]! * fx;
      const below = plane[at + size]! * (1 - fx) + plane[at + size + 1]! * fx;
      target[y * size + x] = above * (1 - fy) + below * fy;
    }
  }
}

/** True if a coordinate is at least half a pixel inside the centres of the border pixels. */
function isInside(at: number): boolean {
  return at >= 0.5 && at <= size - 1.5;
}

/** Indices, rising, of the first image's pixels (without borders) that lie inside the second image. */
export function sharedPixels({ scale, right, down }: Placement): Int32Array {
  let [from, to] = [1, size - 1];
  while (from < to && !isInside((from - middle) * scale + middle + right)) from += 1;
  while (from < to && !isInside((to - 1 - middle) * scale + middle + right)) to -= 1;
  const pixels = new Int32Array(size * size);
  let count = 0;
  for (let y = 1; y < size - 1; y++) {
    if (!isInside((y - middle) * scale + middle + down)) continue;
    for (let x = from; x < to; x++) pixels[count++] = y * size + x;
  }
  return pixels.subarray(0, count);
}

/** Maximum number of pixels used by the fit: every second one in each direction. */
const maxPixels = 15 * 15;
/** Values of the first image and of the resampled second one at these pixels. */
const firstValues = new Float64Array(maxPixels);
const secondValues = new Float64Array(maxPixels);
/** Derivatives of the values by the logarithm of the scale (divided by `middle`) and by the shifts. */
const byScale = new Float64Array(maxPixels);
const byRight = new Float64Array(maxPixels);
const byDown = new Float64Array(maxPixels);

/**
 * Aligns the first image to the second, both blurred [32, 32]. Unrelated images give an alignment close to the identity.
 */
export function align(first: Float32Array, second: Float32Array): Placement {
  let [logScale, right, down] = [0, 0, 0];
  for (let i = 0; i < iterations; i++) {
    const scale = Math.exp(logScale);
    // The columns that lie inside the second image, and their positions there.
    let [from, to] = [size, 0];
    for (let x = 1; x < size - 1; x += 2) {
      const u = (x - middle) * scale + middle + right;
      if (!isInside(u)) continue;
      from = Math.min(from, x);
      to = x;
      before[x] = Math.floor(u);
      part[x] = u - before[x]!;
    }
    let count = 0;
    let sum = 0;
    let otherSum = 0;
    let squares = 0;
    let otherSquares = 0;
    for (let y = 1; y < size - 1; y += 2) {
      const v = (y - middle) * scale + middle + down;
      if (!isInside(v)) continue;
      const top = Math.floor(v);
      const fy = v - top;
      for (let x = from; x <= to; x += 2) {
        const fx = part[x]!;
        const at = y * size + x;
        const start = top * size + before[x]!;
        const above = second[start]! * (1 - fx) + second[start + 1]! * fx;
        const below = second[start + size]! * (1 - fx) + second[start + size + 1]! * fx;
        const value = above * (1 - fy) + below * fy;
        const own = first[at]!;
        // The gradient of the second image is approximated by the first one's, which needs no interpolation.
        const gx = (first[at + 1]! - first[at - 1]!) / 2;
        const gy = (first[at + size]! - first[at - size]!) / 2;
        secondValues[count] = value;
        firstValues[count] = own;
        byScale[count] = (gx * (x - middle) + gy * (y - middle)) / middle;
        byRight[count] = gx;
        byDown[count] = gy;
        sum += own;
        otherSum += value;
        squares += own * own;
        otherSquares += value * value;
        count += 1;
      }
    }
    const [mean, otherMean] = [sum / count, otherSum / count];
    const gain = Math.sqrt(
      (squares / count - mean * mean + 1) / (otherSquares / count - otherMean * otherMean + 1),
    );
    // Normal equations of three unknowns (scale, right, down) with the difference of the images as the right-hand side.
    let ss = 0;
    let sx = 0;
    let sy = 0;
    let xx = 0;
    let xy = 0;
    let yy = 0;
    let se = 0;
    let xe = 0;
    let ye = 0;
    for (let k = 0; k < count; k++) {
      const gs = byScale[k]!;
      const gx = byRight[k]!;
      const gy = byDown[k]!;
      const error = firstValues[k]! - mean - gain * (secondValues[k]! - otherMean);
      ss += gs * gs;
      sx += gs * gx;
      sy += gs * gy;
      xx += gx * gx;
      xy += gx * gy;
      yy += gy * gy;
      se += gs * error;
      xe += gx * error;
      ye += gy * error;
    }
    // A little damping keeps the estimate near its start in directions without structure.
    [ss, xx, yy] = [ss * 1.02 + 100, xx * 1.02 + 100, yy * 1.02 + 100];
    const determinant = ss * (xx * yy - xy * xy) - sx * (sx * yy - xy * sy) + sy * (sx * xy - xx * sy);
    const ds = (se * (xx * yy - xy * xy) - sx * (xe * yy - xy * ye) + sy * (xe * xy - xx * ye)) / determinant;
    const dx = (ss * (xe * yy - xy * ye) - se * (sx * yy - xy * sy) + sy * (sx * ye - xe * sy)) / determinant;
    const dy = (ss * (xx * ye - xe * xy) - sx * (sx * ye - xe * sy) + se * (sx * xy - xx * sy)) / determinant;
    logScale = clamp(logScale + clamp(ds / middle, 0.08), maxLogScale);
    right = clamp(right + clamp(dx, 1.2), maxShift);
    down = clamp(down + clamp(dy, 1.2), maxShift);
    if (Math.abs(ds) + Math.abs(dx) + Math.abs(dy) < 0.02) break;
  }
  return { scale: Math.exp(logScale), right, down };
}

/** `value`, limited to [-limit, limit]. */
function clamp(value: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, value));
}
