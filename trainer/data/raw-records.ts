// What IDX and CIFAR-10 have in common: records of raw pixels, all of one shape, that need no decoder.
import { toGrey } from './grey.ts';
import { squareResampler } from './resample.ts';
import type { SquareResampler } from './resample.ts';
import type { SourceImage } from './source.ts';

/**
 * Makes source images of raw pixels of one shape; what resizing them needs is prepared once per target.
 * The pixels, [height, width, channels] uint8, are kept, not copied.
 */
export function rawImages(
  width: number,
  height: number,
  channels: 1 | 3,
): (name: string, label: number, pixels: Uint8Array) => SourceImage {
  const prepared = new Map<number, SquareResampler>();
  return (name, label, pixels) => ({
    name,
    label,
    attributes: null,
    render(size, wanted) {
      let resample = prepared.get(size);
      if (resample === undefined) {
        resample = squareResampler(width, height, channels, size);
        prepared.set(size, resample);
      }
      const image = resample(pixels);
      if (wanted === channels) return image;
      return wanted === 1 ? toGrey(image) : tripled(image);
    },
  });
}

function tripled(grey: Uint8Array): Uint8Array {
  const pixels = new Uint8Array(grey.length * 3);
  for (let i = 0; i < grey.length; i++) pixels.fill(grey[i]!, 3 * i, 3 * i + 3);
  return pixels;
}
