// Shared by folders and zips: many encoded image files, read and decoded on demand.
import { decodeImage, inspectImage } from './image-file.ts';
import { withinPixelBudget } from './pixel-budget.ts';
import type { SourceImage } from './source.ts';
import { BadImageError } from './source.ts';

/** One encoded image file. */
export interface EncodedImage {
  readonly name: string;
  readonly label: number;
  readonly attributes: Float32Array | null;
  /** The file's bytes. Throws BadImageError if it is unreadable. */
  read(): Promise<Uint8Array>;
}

/** Maximum number of files that {@link typicalImage} inspects. */
const maxInspected = 16;

/** Wraps an encoded image as a source's image. */
export function sourceImage(file: EncodedImage): SourceImage {
  return {
    name: file.name,
    label: file.label,
    attributes: file.attributes,
    render: async (size, channels) => {
      const bytes = await file.read();
      return withinPixelBudget(bytes, () => decodeImage(bytes, size, channels));
    },
  };
}

/**
 * Inspects up to 16 images, evenly spread. The size is that of the image with the median area; 1 channel if all are grey.
 * Unreadable images are skipped; if all are unreadable, the size is null and there are 3 channels.
 */
export async function typicalImage(
  count: number,
  file: (index: number) => Pick<EncodedImage, 'read'>,
  signal?: AbortSignal,
): Promise<{ naturalSize: { width: number; height: number } | null; channels: 1 | 3 }> {
  const seen: { width: number; height: number; channels: 1 | 3 }[] = [];
  const inspected = Math.min(maxInspected, count);
  for (let i = 0; i < inspected; i++) {
    signal?.throwIfAborted();
    try {
      seen.push(await inspectImage(await file(Math.floor((i * count) / inspected)).read()));
    } catch (error) {
      if (!(error instanceof BadImageError)) throw error;
    }
  }
  const median = seen.toSorted((a, b) => a.width * a.height - b.width * b.height)[seen.length >> 1];
  if (median === undefined) return { naturalSize: null, channels: 3 };
  return {
    naturalSize: { width: median.width, height: median.height },
    channels: seen.every((image) => image.channels === 1) ? 1 : 3,
  };
}
