// Real images that a model was not trained on: avatars of later numbers, or a data set's test part, evenly spread.
import { type ImageShape } from '../runtime-web/format/image-shape.ts';
import { openAvatars } from '../trainer/data/avatars/avatar-source.ts';
import { datasetOf, openDataset, type Dataset } from '../trainer/data/dataset.ts';
import { readImages } from '../trainer/data/read-images.ts';
import type { ImageSource } from '../trainer/data/source.ts';
import { testPartOf } from '../trainer/data/test-part.ts';
import type { HostTensor } from '../trainer/graph/trace/graph.ts';
import { held } from '../trainer/held.ts';

/** `count` avatars, from number `first` on. */
function avatarsAfter(first: number, count: number): ImageSource {
  const source = openAvatars(first + count);
  return {
    ...source,
    count,
    fingerprint: `${source.fingerprint}, from ${first}`,
    async *images(signal) {
      let index = 0;
      for await (const image of source.images(signal)) if (index++ >= first) yield image;
    },
  };
}

/**
 * The test part of `data`, or `count` avatars from number `trainedOn` on; close it after use. Throws Error for data without a test part.
 */
export async function heldOutDataset(
  { data, ...shape }: ImageShape & { readonly data: string },
  trainedOn: number,
  count: number,
): Promise<Dataset> {
  if (data === 'avatars') return datasetOf(avatarsAfter(trainedOn, count), shape);
  const test = await testPartOf(data);
  if (test === null) throw new Error(`${data}: has no test part to take images from`);
  return openDataset({ ...shape, data: test });
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
