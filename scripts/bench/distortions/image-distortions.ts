// Image distortions to test distances with, after Heusel 2017 (figure 3) and Zhang 2018 (figure 2).
import { Random } from '../../../runtime-web/format/random.ts';
import type { ImageSet } from '../../../trainer/metrics/image-set.ts';

/** Distorts one image's bytes [size, size, channels], in place or as a copy. */
export type Distortion = (image: Uint8Array, size: number, channels: number, random: Random) => Uint8Array;

const byte = (value: number): number => Math.min(255, Math.max(0, Math.round(value)));

/** Normal noise with this deviation, in grey levels. */
export const noise =
  (deviation: number): Distortion =>
  (image, _size, _channels, random) =>
    image.map((value) => byte(value + deviation * random.normal()));

/** A Gaussian blur with this deviation, in pixels; edges are repeated. */
export function blur(deviation: number): Distortion {
  const reach = Math.ceil(3 * deviation);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * deviation ** 2)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return (image, size, channels) => {
    const pass = (from: ArrayLike<number>, stepX: number, stepY: number): Float64Array => {
      const to = new Float64Array(from.length);
      for (let y = 0; y < size; y++) {
        for (let x = 0; x < size; x++) {
          for (let c = 0; c < channels; c++) {
            let total = 0;
            weights.forEach((weight, i) => {
              const at = (place: number, step: number): number =>
                Math.min(size - 1, Math.max(0, place + step * (i - reach)));
              total += weight * from[(at(y, stepY) * size + at(x, stepX)) * channels + c]!;
            });
            to[(y * size + x) * channels + c] = total / sum;
          }
        }
      }
      return to;
    };
    return Uint8Array.from(pass(pass(image, 1, 0), 0, 1), byte);
  };
}

/** Makes this share of the pixels black or white. */
export const saltAndPepper =
  (share: number): Distortion =>
  (image, size, channels, random) => {
    const out = image.slice();
    for (let p = 0; p < size * size; p++) {
      if (random.uniform() >= share) continue;
      out.fill(random.uniform() < 0.5 ? 0 : 255, p * channels, (p + 1) * channels);
    }
    return out;
  };

/** Shifts the image to the right, in pixels; the border is repeated. */
export const shift =
  (right: number): Distortion =>
  (image, size, channels) => {
    const out = image.slice();
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const from = (y * size + Math.max(0, x - right)) * channels;
        out.set(image.subarray(from, from + channels), (y * size + x) * channels);
      }
    }
    return out;
  };

/** The set of squares with each image distorted, identically at every read. */
export function distorted(set: ImageSet, distortion: Distortion, name: string): ImageSet {
  const { width, height, channels } = set;
  const length = width * height * channels;
  return {
    ...set,
    name,
    fingerprint: `${set.fingerprint} ${name}`,
    async read(first, count) {
      const pixels = await set.read(first, count);
      for (let i = 0; i < count; i++) {
        const image = pixels.subarray(i * length, (i + 1) * length);
        image.set(distortion(image, width, channels, new Random(first + i)));
      }
      return pixels;
    },
  };
}
