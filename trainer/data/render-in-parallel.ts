// Decodes the images of a source some at a time: enough for every core, few enough for the memory.
import { cpus } from 'node:os';
import { BadImageError, type SourceImage } from './source.ts';

/**
 * Renders images [size, size, channels] in their order; of one that cannot be read comes the reason. Throws what the source
 * throws, the signal's reason when the source's images are aborted.
 */
export async function* renderInParallel(
  images: AsyncIterable<SourceImage>,
  size: number,
  channels: 1 | 3,
): AsyncGenerator<{ image: SourceImage; pixels: Uint8Array | BadImageError }> {
  const window = 2 * Math.min(8, Math.max(2, cpus().length));
  const waiting: { image: SourceImage; pixels: Promise<Uint8Array | BadImageError> }[] = [];
  try {
    for await (const image of images) {
      waiting.push({ image, pixels: rendered(image, size, channels) });
      // A failure that nobody awaits yet must not end the process; it is thrown when its turn comes.
      waiting.at(-1)!.pixels.catch(() => undefined);
      if (waiting.length < window) continue;
      const first = waiting.shift()!;
      yield { image: first.image, pixels: await first.pixels };
    }
    for (const next of waiting) yield { image: next.image, pixels: await next.pixels };
  } finally {
    // The source may be closed once we return: nothing may still be reading from it.
    await Promise.allSettled(waiting.map(({ pixels }) => pixels));
  }
}

async function rendered(
  image: SourceImage,
  size: number,
  channels: 1 | 3,
): Promise<Uint8Array | BadImageError> {
  try {
    return await image.render(size, channels);
  } catch (error) {
    if (error instanceof BadImageError) return error;
    throw error;
  }
}
