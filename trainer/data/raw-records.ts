// Shared by IDX, CIFAR and STL-10: records of raw pixels of one shape.
import { maxTextBytes, readRegular } from '../files/regular-file.ts';
import { framer, type Framer } from './framing.ts';
import { inChannels } from '../../runtime-web/format/in-channels.ts';
import type { SourceImage } from './source.ts';

/**
 * Creates a function that wraps raw pixels, [height, width, channels] uint8, as source images. The pixels are not copied. The
 * framer for each target is created once.
 */
export function rawImages(
  width: number,
  height: number,
  channels: 1 | 3,
): (name: string, label: number, pixels: Uint8Array, attributes?: Float32Array | null) => SourceImage {
  const framers = new Map<string, Framer>();
  return (name, label, pixels, attributes = null) => ({
    name,
    label,
    attributes,
    render({ framing, channels: wanted, ...size }) {
      const key = JSON.stringify([size, framing]);
      const frame = framers.get(key) ?? framer({ width, height, channels }, size, framing);
      framers.set(key, frame);
      const converted = (image: Uint8Array): Uint8Array => inChannels(image, channels, wanted);
      const image = frame(pixels);
      return image instanceof Uint8Array ? converted(image) : image.then(converted);
    },
  });
}

/** Planes [3, n] → a new [n, 3]. */
export function interleaved(planes: Uint8Array): Uint8Array {
  const plane = planes.length / 3;
  const pixels = new Uint8Array(planes.length);
  for (let i = 0; i < plane; i++) {
    for (let c = 0; c < 3; c++) pixels[3 * i + c] = planes[c * plane + i]!;
  }
  return pixels;
}

/** [height, width, channels] → a new [width, height, channels]. */
export function transposed(pixels: Uint8Array, width: number, height: number, channels: number): Uint8Array {
  const out = new Uint8Array(pixels.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        out[(x * height + y) * channels + c] = pixels[(y * width + x) * channels + c]!;
      }
    }
  }
  return out;
}

/** The names of a file beside the data, with white space between; `standard` or numbers if it is missing or has another count. */
export async function namesBeside(
  path: string,
  count: number,
  standard?: readonly string[],
): Promise<readonly string[]> {
  const bytes = await readRegular(path, maxTextBytes).catch(() => '');
  const names = bytes
    .toString()
    .split(/\s+/)
    .filter((name) => name !== '');
  if (names.length === count) return names;
  return standard ?? Array.from({ length: count }, (_, i) => `${i}`);
}
