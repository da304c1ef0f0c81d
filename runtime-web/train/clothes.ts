// Labelled pictures of clothes, published as one image with a table beside it.
import type { Clothes, ClothesOptions } from './picture-types.ts';
import { readerOf, type StartReader } from './picture-reader.ts';
import { checkedShape } from './read-pictures.ts';

/** Loads them. See `loadClothes`. */
export async function readClothes(
  url: string | URL,
  { width = 32, height = 32, channels = 1, signal, onProgress, assets }: ClothesOptions,
  start: StartReader,
): Promise<Clothes> {
  const shape = checkedShape({ width, height, channels });
  signal?.throwIfAborted();
  const link = await readerOf(start, assets);
  try {
    const request = { url: new URL(url, document.baseURI).href, shape };
    const clothes = await link.call('clothes', request, (progress) => onProgress?.(progress));
    signal?.throwIfAborted();
    return { ...clothes, ...shape };
  } finally {
    link.letGo();
  }
}
