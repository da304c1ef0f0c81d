// What a folder and a zip have in common: many files, each an encoded image, read and decoded when asked for.
import { decodeImage, inspectImage } from './image-file.ts';
import type { SourceImage } from './source.ts';
import { BadImageError } from './source.ts';

/** One encoded image that can be read. */
export interface EncodedImage {
  readonly name: string;
  readonly label: number;
  readonly attributes: Float32Array | null;
  /** The file's bytes. Throws BadImageError where this one cannot be read. */
  read(): Promise<Uint8Array>;
}

/** How many files are looked at to tell what the images are like. */
const inspected = 16;

/** Wraps an encoded image as a source's image. */
export function sourceImage(file: EncodedImage): SourceImage {
  return {
    name: file.name,
    label: file.label,
    attributes: file.attributes,
    render: async (size, channels) => decodeImage(await file.read(), size, channels),
  };
}

/**
 * Looks at up to 16 images, evenly spread: grey when all of them are; the size is that of the middle one
 * in area. Unreadable ones are passed over; null and colour when all are unreadable.
 */
export async function typicalImage(
  count: number,
  file: (index: number) => Pick<EncodedImage, 'read'>,
  signal?: AbortSignal,
): Promise<{ naturalSize: { width: number; height: number } | null; channels: 1 | 3 }> {
  const seen: { width: number; height: number; channels: 1 | 3 }[] = [];
  const looks = Math.min(inspected, count);
  for (let i = 0; i < looks; i++) {
    signal?.throwIfAborted();
    try {
      seen.push(await inspectImage(await file(Math.floor((i * count) / looks)).read()));
    } catch (error) {
      if (!(error instanceof BadImageError)) throw error;
    }
  }
  const middle = seen.toSorted((a, b) => a.width * a.height - b.width * b.height)[seen.length >> 1];
  if (middle === undefined) return { naturalSize: null, channels: 3 };
  return {
    naturalSize: { width: middle.width, height: middle.height },
    channels: seen.every((image) => image.channels === 1) ? 1 : 3,
  };
}
