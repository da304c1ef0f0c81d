// Bounds the memory of decoding: images that are decoded at once have at most as many pixels together as the largest one allowed alone. A
// small file may hold very many pixels, so neither the number of images nor their bytes bound it.
import { maxImagePixels } from '../../runtime-web/format/image-signature.ts';
import { inspectImage } from './image-file.ts';
import type { ImageFacts } from './image-format.ts';

let pixelsInUse = 0;
const waiting: { readonly pixels: number; readonly start: () => void }[] = [];

/** Runs `decode`, which decodes the image file `bytes`, as soon as its pixels fit beside those of other images, in order. */
export async function withinPixelBudget<T>(
  bytes: Uint8Array,
  decode: (facts: ImageFacts | null) => Promise<T>,
): Promise<T> {
  // A file that cannot be inspected cannot be decoded either; `decode` gives the reason.
  const size = await inspectImage(bytes).catch(() => null);
  const pixels = size === null ? 0 : Math.min(maxImagePixels, size.width * size.height);
  if (waiting.length > 0 || pixelsInUse + pixels > maxImagePixels) {
    await new Promise<void>((start) => waiting.push({ pixels, start }));
  } else {
    pixelsInUse += pixels;
  }
  try {
    return await decode(size);
  } finally {
    pixelsInUse -= pixels;
    while (waiting.length > 0 && pixelsInUse + waiting[0]!.pixels <= maxImagePixels) {
      const next = waiting.shift()!;
      pixelsInUse += next.pixels;
      next.start();
    }
  }
}
