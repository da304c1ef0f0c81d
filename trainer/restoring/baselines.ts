// Baselines of restoring without a generator: the hole filled with the mean colour of the known pixels, or with the nearest training
// image by the known pixels; for noise, the same smoothing without a generated image.
import { lengthOf } from '../../runtime-web/format/image-shape.ts';
import { blendByNoise, noiseDeviation } from '../../runtime-web/format/restoring/noise.ts';
import { finished, type Degraded } from '../../runtime-web/format/restoring/finish.ts';
import type { Dataset } from '../data/dataset.ts';
import { readImages } from '../data/read-images.ts';
import { toFloats } from '../pictures/pixels.ts';

/** Restores a degraded image without a generator. A grey image stays grey. */
export function plainFill(degraded: Degraded): Float32Array<ArrayBuffer> {
  const { task, picture, mask, channels } = degraded;
  if (task === 'denoise') {
    const flat = new Float32Array(picture.length);
    return blendByNoise(picture, flat, degraded, noiseDeviation(picture, degraded));
  }
  if (task === 'colourise' || mask === null) return Float32Array.from(picture);
  const sums = new Float64Array(channels);
  let known = 0;
  picture.forEach((value, i) => {
    if (mask[Math.floor(i / channels)]! > 0) return;
    sums[i % channels]! += value;
    known += 1 / channels;
  });
  return picture.map((value, i) =>
    mask[Math.floor(i / channels)]! > 0 ? sums[i % channels]! / known : value,
  );
}

/** Training images per read. */
const pieceSize = 256;

/**
 * For each degraded image, the nearest of the first `maxImages` training images [height, width, channels], by the squared
 * difference of the known pixels (of the luminance, for a grey image). Throws the signal's reason when aborted.
 */
export async function nearestTraining(
  degraded: readonly Degraded[],
  dataset: Dataset,
  maxImages: number,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<readonly Float32Array<ArrayBuffer>[]> {
  const length = lengthOf(dataset);
  const count = Math.min(maxImages, dataset.count);
  const distances = degraded.map(distanceFunction);
  const best = degraded.map(() => ({ distance: Infinity, index: 0 }));
  const pixels = new Uint8Array(pieceSize * length);
  const candidate = new Float32Array(length);
  for (let first = 0; first < count; first += pieceSize) {
    signal.throwIfAborted();
    const size = Math.min(pieceSize, count - first);
    const indices = Array.from({ length: size }, (_, i) => first + i);
    await dataset.readInto(indices, pixels.subarray(0, size * length));
    for (let i = 0; i < size; i++) {
      toFloats(pixels.subarray(i * length, (i + 1) * length), candidate);
      distances.forEach((distanceTo, d) => {
        const distance = distanceTo(candidate, best[d]!.distance);
        if (distance < best[d]!.distance) best[d] = { distance, index: first + i };
      });
    }
    onProgress(first + size, count);
  }
  const found: Float32Array<ArrayBuffer>[] = [];
  for (const { index } of best) found.push(await readImages(dataset, [index]));
  return found;
}

/** Restores with the nearest training image instead of a generated one, without blending. */
export function nearestFill(degraded: Degraded, nearest: Float32Array): Float32Array<ArrayBuffer> {
  const { task, picture, mask, channels } = degraded;
  if (task === 'colourise') return finished(degraded, nearest);
  if (mask === null) return Float32Array.from(nearest);
  return picture.map((value, i) => (mask[Math.floor(i / channels)]! > 0 ? nearest[i]! : value));
}

/** The squared distance of candidates over an image's known pixels; it may return early once it exceeds `limit`. */
function distanceFunction(degraded: Degraded): (candidate: Float32Array, limit: number) => number {
  const { task, picture, mask, channels } = degraded;
  if (task === 'colourise') {
    return (candidate, limit) => {
      let sum = 0;
      for (let i = 0; 3 * i < picture.length && sum < limit; i++) {
        const [red, green, blue] = [candidate[3 * i]!, candidate[3 * i + 1]!, candidate[3 * i + 2]!];
        sum += (0.299 * red + 0.587 * green + 0.114 * blue - picture[3 * i]!) ** 2;
      }
      return sum;
    };
  }
  const places: number[] = [];
  picture.forEach((_, i) => {
    if (mask === null || !(mask[Math.floor(i / channels)]! > 0)) places.push(i);
  });
  return (candidate, limit) => {
    let sum = 0;
    for (let k = 0; k < places.length; k++) {
      const i = places[k]!;
      sum += (candidate[i]! - picture[i]!) ** 2;
      // Checked every 256 numbers, because a check costs as much as an addition.
      if ((k & 255) === 255 && sum > limit) return sum;
    }
    return sum;
  };
}
