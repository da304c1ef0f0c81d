// Shared by IDX and CIFAR-10: records of raw pixels of one shape.
import { toGrey } from './grey.ts';
import { squareResampler } from './resample.ts';
import type { SquareResampler } from './resample.ts';
import type { SourceImage } from './source.ts';

/**
 * Creates a function that wraps raw pixels, [height, width, channels] uint8, as source images. The pixels are not copied. The
 * resampler for each target size is created once.
 */
export function rawImages(
  width: number,
  height: number,
  channels: 1 | 3,
): (name: string, label: number, pixels: Uint8Array) => SourceImage {
  const resamplers = new Map<number, SquareResampler>();
  return (name, label, pixels) => ({
    name,
    label,
    attributes: null,
    render(size, wanted) {
      let resample = resamplers.get(size);
      if (resample === undefined) {
        resample = squareResampler(width, height, channels, size);
        resamplers.set(size, resample);
      }
      const image = resample(pixels);
      if (wanted === channels) return image;
      return wanted === 1 ? toGrey(image) : greyToColour(image);
    },
  });
}

function greyToColour(grey: Uint8Array): Uint8Array {
  const pixels = new Uint8Array(grey.length * 3);
  for (let i = 0; i < grey.length; i++) pixels.fill(grey[i]!, 3 * i, 3 * i + 3);
  return pixels;
}
