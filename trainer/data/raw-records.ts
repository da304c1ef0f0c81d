// Shared by IDX and CIFAR-10: records of raw pixels of one shape.
import { toGrey } from './grey.ts';
import { framer, type Framer } from './framing.ts';
import type { SourceImage } from './source.ts';

/**
 * Creates a function that wraps raw pixels, [height, width, channels] uint8, as source images. The pixels are not copied. The
 * framer for each target is created once.
 */
export function rawImages(
  width: number,
  height: number,
  channels: 1 | 3,
): (name: string, label: number, pixels: Uint8Array) => SourceImage {
  const framers = new Map<string, Framer>();
  return (name, label, pixels) => ({
    name,
    label,
    attributes: null,
    render({ size, channels: wanted, framing }) {
      const key = JSON.stringify([size, framing]);
      const frame = framers.get(key) ?? framer({ width, height, channels }, size, framing);
      framers.set(key, frame);
      const inChannels = (image: Uint8Array): Uint8Array =>
        wanted === channels ? image : wanted === 1 ? toGrey(image) : greyToColour(image);
      const image = frame(pixels);
      return image instanceof Uint8Array ? inChannels(image) : image.then(inChannels);
    },
  });
}

function greyToColour(grey: Uint8Array): Uint8Array {
  const pixels = new Uint8Array(grey.length * 3);
  for (let i = 0; i < grey.length; i++) pixels.fill(grey[i]!, 3 * i, 3 * i + 3);
  return pixels;
}
