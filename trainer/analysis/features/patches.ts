// Image patches, normalised in brightness and contrast: the input of single-layer k-means (Coates, Lee and Ng 2011, section 3.1).
import { lengthOf } from '../../../runtime-web/format/image-shape.ts';
import type { Random } from '../../../runtime-web/format/random.ts';
import type { Dataset } from '../../data/dataset.ts';

/** Side of a patch in pixels, the best of the paper's figure 4. */
export const patchSide = 6;

/** Added to a patch's variance, in squared grey levels of 0 to 255, so that flat patches stay flat. */
export const contrastFloor = 10;

const imagesAtOnce = 256;

/** Samples patches at random places of random images: [count, 6 · 6 · channels] grey levels, row by row. */
export async function samplePatches(
  dataset: Dataset,
  indices: Int32Array,
  count: number,
  random: Random,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const { channels } = dataset;
  const length = lengthOf(dataset);
  const width = patchSide * patchSide * channels;
  const patches = new Float32Array(count * width);
  const pixels = new Uint8Array(imagesAtOnce * length);
  for (let first = 0; first < count; first += imagesAtOnce) {
    signal?.throwIfAborted();
    const chosen = Int32Array.from(
      { length: Math.min(imagesAtOnce, count - first) },
      () => indices[random.integer(indices.length)]!,
    );
    await dataset.readInto(chosen, pixels.subarray(0, chosen.length * length));
    for (let i = 0; i < chosen.length; i++) {
      const [top, left] = [
        random.integer(dataset.height - patchSide + 1),
        random.integer(dataset.width - patchSide + 1),
      ];
      for (let row = 0; row < patchSide; row++) {
        const from = i * length + ((top + row) * dataset.width + left) * channels;
        const line = pixels.subarray(from, from + patchSide * channels);
        patches.set(line, (first + i) * width + row * patchSide * channels);
      }
    }
  }
  return patches;
}

/**
 * Normalises each patch [n, width] in place: subtracts the mean and divides by √(variance + 10), with the variance over
 * width - 1.
 */
export function normalisePatches(patches: Float32Array, width: number): void {
  for (let start = 0; start < patches.length; start += width) {
    const patch = patches.subarray(start, start + width);
    const mean = patch.reduce((sum, value) => sum + value, 0) / width;
    const variance = patch.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (width - 1);
    const scale = 1 / Math.sqrt(variance + contrastFloor);
    for (let i = 0; i < width; i++) patch[i] = (patch[i]! - mean) * scale;
  }
}
