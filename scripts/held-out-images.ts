// Real images that a model was not trained on, evenly spread, for benchmarks and for the demo's pictures.
import { type ImageShape } from '../runtime-web/format/image-shape.ts';
import type { Dataset } from '../trainer/data/dataset.ts';
import { openHeldOut } from '../trainer/data/held-out.ts';
import { readImages } from '../trainer/data/read-images.ts';
import type { HostTensor } from '../trainer/graph/trace/graph.ts';
import { held } from '../trainer/held.ts';

/**
 * The test part of `data`, or `count` avatars from number `trainedOn` on; close it after use. Throws Error for data without a test part.
 */
export async function heldOutDataset(
  source: ImageShape & { readonly data: string },
  trainedOn: number,
  count: number,
): Promise<Dataset> {
  const dataset = await openHeldOut(source, { first: trainedOn, count });
  if (dataset === null) throw new Error(`${source.data}: has no test part to take images from`);
  return dataset;
}

/**
 * `count` images [count, height, width, channels] in [-1, 1] from the test part of `data`, or avatars from number `trainedOn` on, with a
 * description. Throws Error for data without a test part.
 */
export async function heldOutImages(
  { data, width, height, channels }: ImageShape & { readonly data: string },
  trainedOn: number,
  count: number,
): Promise<{ readonly text: string; readonly images: HostTensor }> {
  await using dataset = held(await heldOutDataset({ data, width, height, channels }, trainedOn, count));
  const indices = Array.from({ length: count }, (_, i) => Math.floor((i * dataset.count) / count));
  const text =
    data === 'avatars'
      ? `Avatars ${trainedOn} to ${trainedOn + count - 1}; the model was trained on 0 to ${trainedOn - 1}.`
      : `${count} of the ${dataset.count} images that were set apart for testing.`;
  const shape = [count, height, width, channels];
  return { text, images: { shape, dtype: 'float32', data: await readImages(dataset, indices) } };
}
