// Images as rows of numbers, for distances: features of a network, and pixels.
import { lengthOf, type ImageShape } from '../../runtime-web/format/image-shape.ts';
import type { FeatureNetwork } from '../metrics/feature-network.ts';
import type { FeatureRows } from '../metrics/products.ts';

/** Reads images `first` to `first + count` as bytes [count, height, width, channels], premultiplied with 4 channels. */
export type ReadImages = (first: number, count: number) => Promise<Uint8Array>;

/** Rows of the same images in both kinds of distance. */
export interface ImageRows {
  readonly features: FeatureRows;
  readonly pixels: FeatureRows;
}

/** Longest side of images that are compared by pixels; larger ones are averaged over squares. */
const maxSide = 64;
const batch = 50;

/** The rows of `count` images. Throws UserError for features that are not finite, the signal's reason when aborted. */
export async function imageRows(
  read: ReadImages,
  count: number,
  {
    network,
    shape,
    signal,
    onProgress,
  }: {
    readonly network: FeatureNetwork;
    readonly shape: ImageShape;
    readonly signal: AbortSignal;
    readonly onProgress: (done: number) => void;
  },
): Promise<ImageRows> {
  const { dim } = network;
  const features = new Float32Array(count * dim);
  const { width, height, channels } = shape;
  const square = Math.ceil(Math.max(width, height) / maxSide);
  const pixelDim = Math.ceil(width / square) * Math.ceil(height / square) * channels;
  const pixels = new Float32Array(count * pixelDim);
  for (let first = 0; first < count; first += batch) {
    signal.throwIfAborted();
    const size = Math.min(batch, count - first);
    const bytes = await read(first, size);
    features.set((await network.extract(bytes, { ...shape, count: size })).features, first * dim);
    const length = lengthOf(shape);
    for (let i = 0; i < size; i++) {
      const image = bytes.subarray(i * length, (i + 1) * length);
      pixels.set(averaged(image, shape, square), (first + i) * pixelDim);
    }
    onProgress(first + size);
  }
  return {
    features: { count, dim, data: features },
    pixels: { count, dim: pixelDim, data: pixels },
  };
}

/** An image in [0, 1], each `square` by `square` of its pixels as their mean; a square at the edge may be smaller. */
export function averaged(
  image: Uint8Array,
  { width, height, channels }: ImageShape,
  square: number,
): Float32Array {
  const [columns, rows] = [Math.ceil(width / square), Math.ceil(height / square)];
  const sums = new Float32Array(columns * rows * channels);
  const counts = new Uint32Array(columns * rows);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const place = Math.floor(y / square) * columns + Math.floor(x / square);
      counts[place]! += 1;
      for (let c = 0; c < channels; c++) {
        sums[place * channels + c]! += image[(y * width + x) * channels + c]! / 255;
      }
    }
  }
  return sums.map((sum, i) => sum / counts[Math.floor(i / channels)]!);
}
