// Pictures between a training and the page: bytes of the networks' channels, and pixels of the screen.
import { lengthOf, type ImageShape } from '../format/image-shape.ts';
import { straightByte } from '../format/straight-byte.ts';
import type { TrainingImages } from '../training/images.ts';

/** Milliseconds of work after which the page gets a turn. */
const sliceMs = 6;

/** Calls `work` for each index, with turns for the page in between. */
async function inSlices(count: number, work: (index: number) => void): Promise<void> {
  let begun = performance.now();
  for (let i = 0; i < count; i++) {
    if (performance.now() - begun > sliceMs) {
      await new Promise((done) => setTimeout(done));
      begun = performance.now();
    }
    work(i);
  }
}

/** Bytes [n, height, width, channels] of the pictures at n indices. */
export async function gathered(
  images: TrainingImages<Uint8Array>,
  indices: readonly number[],
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  await inSlices(indices.length, (i) => parts.push(images.image(indices[i]!)));
  const length = parts[0]!.length;
  const bytes = new Uint8Array(indices.length * length);
  parts.forEach((part, i) => bytes.set(part, i * length));
  return bytes;
}

/** The index of the i-th of `shown` pictures, spread over `count` pictures; repeated where there are fewer. */
export const spread = (count: number, shown: number, i: number): number =>
  count <= shown ? i % count : Math.floor((i * count) / shown);

/** Bytes [n, height, width, channels] of images; with 4 channels premultiplied. */
export function bytesOf(images: readonly ImageData[], channels: number): Uint8Array<ArrayBuffer> {
  const length = (images[0]?.data.length ?? 0) / 4;
  const bytes = new Uint8Array(images.length * length * channels);
  images.forEach(({ data }, at) => {
    for (let pixel = 0; pixel < length; pixel++) {
      const alpha = channels === 4 ? data[4 * pixel + 3]! / 255 : 1;
      for (let c = 0; c < channels; c++)
        bytes[(at * length + pixel) * channels + c] = Math.round(data[4 * pixel + c]! * (c < 3 ? alpha : 1));
    }
  });
  return bytes;
}

/** One picture of bytes [height, width, channels] as pixels. */
export function imageOf(bytes: Uint8Array, shape: ImageShape): ImageData {
  const { width, height, channels } = shape;
  const image = new ImageData(width, height);
  const { data } = image;
  for (let pixel = 0; pixel < lengthOf(shape) / channels; pixel++) {
    const alpha = channels === 4 ? bytes[4 * pixel + 3]! : 255;
    for (let c = 0; c < 3; c++) {
      const value = bytes[pixel * channels + (channels === 1 ? 0 : c)]!;
      data[4 * pixel + c] = channels === 4 ? straightByte(value / 127.5 - 1, alpha / 127.5 - 1) : value;
    }
    data[4 * pixel + 3] = alpha;
  }
  return image;
}

/** `count` pictures spread over a set, as pixels. Throws the signal's reason. */
export async function pictured(
  images: TrainingImages<Uint8Array>,
  shape: ImageShape,
  count: number,
  signal: AbortSignal,
): Promise<readonly ImageData[]> {
  const shown: ImageData[] = [];
  await inSlices(count, (i) => {
    signal.throwIfAborted();
    shown.push(imageOf(images.image(spread(images.count, count, i)), shape));
  });
  return shown;
}
