// Real images, evenly spread over a dataset, exactly as training sees them (without flips).
import type { HostTensor } from '../graph/trace/graph.ts';
import type { Dataset } from './dataset.ts';
import { readImages } from './read-images.ts';

/** Images of `reals.png`. */
const gridCount = 64;

/** `count` images, with repeats in a smaller dataset: [count, size, size, channels] in [-1, 1]. */
export async function spreadImages(dataset: Dataset, count: number): Promise<HostTensor> {
  const { width, height, channels } = dataset;
  const indices = Array.from({ length: count }, (_, i) => Math.floor((i * dataset.count) / count));
  return {
    shape: [count, height, width, channels],
    dtype: 'float32',
    data: await readImages(dataset, indices),
  };
}

/** The images of `reals.png`: 64, or all of a smaller dataset. */
export async function imagesOfGrid(dataset: Dataset): Promise<HostTensor> {
  return spreadImages(dataset, Math.min(gridCount, dataset.count));
}
