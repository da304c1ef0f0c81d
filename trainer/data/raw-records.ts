// Shared by IDX and CIFAR-10: records of raw pixels of one shape.
import { framer, type Framer } from './framing.ts';
import { inChannels } from './in-channels.ts';
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
