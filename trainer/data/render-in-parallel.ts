// Decodes the images of a source in parallel, 2 per processor core and at most 16 at a time.
import { cpus } from 'node:os';
import { BadImageError, type Rendering, type SourceImage } from './source.ts';

/**
 * Renders images, in order; an unreadable image yields its BadImageError. Throws errors of the
 * source, including its signal's reason.
 */
export async function* renderInParallel(
  images: AsyncIterable<SourceImage>,
  how: Rendering,
): AsyncGenerator<{ image: SourceImage; pixels: Uint8Array | BadImageError }> {
  const window = 2 * Math.min(8, Math.max(2, cpus().length));
  const waiting: { image: SourceImage; pixels: Promise<Uint8Array | BadImageError> }[] = [];
  try {
    for await (const image of images) {
      waiting.push({ image, pixels: rendered(image, how) });
      // Avoids an unhandled rejection before the image is awaited.
      waiting.at(-1)!.pixels.catch(() => undefined);
      if (waiting.length < window) continue;
      const first = waiting.shift()!;
      yield { image: first.image, pixels: await first.pixels };
    }
    for (const next of waiting) yield { image: next.image, pixels: await next.pixels };
  } finally {
    // The caller may close the source now, so no read may be pending.
    await Promise.allSettled(waiting.map(({ pixels }) => pixels));
  }
}

async function rendered(image: SourceImage, how: Rendering): Promise<Uint8Array | BadImageError> {
  try {
    return await image.render(how);
  } catch (error) {
    if (error instanceof BadImageError) return error;
    throw error;
  }
}
