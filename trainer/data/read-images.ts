// Reads images of a dataset as inputs of networks.
import type { Dataset } from './dataset.ts';
import { toFloats } from '../pictures/pixels.ts';

/** Images by index: [indices.length, size, size, channels] in [-1, 1]. Throws like {@link Dataset.readInto}. */
export async function readImages(
  dataset: Dataset,
  indices: readonly number[],
): Promise<Float32Array<ArrayBuffer>> {
  const { width, height, channels } = dataset;
  const pixels = new Uint8Array(indices.length * width * height * channels);
  await dataset.readInto(indices, pixels);
  return toFloats(pixels);
}
