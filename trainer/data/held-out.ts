// Real images that a model was not trained on: those that were set aside, a data set's test part, or avatars of later numbers.
import { openAvatars } from './avatars/avatar-source.ts';
import { datasetOf, openDataset, type Dataset, type OpenDatasetOptions } from './dataset.ts';
import type { ImageSource } from './source.ts';
import { testPartOf } from './test-part.ts';

/** `count` avatars, from number `first` on. */
function avatarsFrom(first: number, count: number): ImageSource {
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
 * The images that were set aside; without any the test part of the data, or of avatars `count` from number `first` on; null for data
 * without a test part. Close it after use. Throws as {@link openDataset} does.
 */
export async function openHeldOut(
  options: OpenDatasetOptions,
  { first, count }: { readonly first: number; readonly count: number },
): Promise<Dataset | null> {
  if (options.holdOut != null) return openDataset({ ...options, part: 'held-out' });
  if (options.data === 'avatars') return datasetOf(avatarsFrom(first, count), options);
  const data = await testPartOf(options.data);
  return data === null ? null : openDataset({ ...options, data });
}
