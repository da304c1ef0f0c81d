// Labelled pictures of clothes, published as one image with a table beside it.
import type { WorkerLink } from '../worker-link.ts';
import type { Clothes, ClothesOptions } from './picture-types.ts';
import type { PicturesApi } from './pictures-protocol.ts';
import { checkedShape } from './read-pictures.ts';

/** Loads them; `open` gives the worker. See `loadClothes`. */
export async function readClothes(
  url: string | URL,
  { width = 32, height = 32, channels = 1, signal, onProgress }: ClothesOptions,
  open: () => Promise<WorkerLink<PicturesApi>>,
): Promise<Clothes> {
  const shape = checkedShape({ width, height, channels });
  signal?.throwIfAborted();
  const link = await open();
  try {
    const request = { url: new URL(url, document.baseURI).href, shape };
    const clothes = await link.call('clothes', request, (progress) => onProgress?.(progress));
    signal?.throwIfAborted();
    return { ...clothes, ...shape };
  } finally {
    link.letGo();
  }
}
