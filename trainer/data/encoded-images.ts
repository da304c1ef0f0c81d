// Shared by folders and zips: many encoded image files, read and decoded on demand.
import { decodeInThread } from './decode-threads.ts';
import { decodeImage, inspectImage, refuseOwnGrid } from './image-file.ts';
import type { ImageFacts } from './image-format.ts';
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

/** Number of files that {@link typicalImage} inspects at once, and of those that decide about the size. */
const maxInspected = 16;

/** Wraps an encoded image as a source's image. */
export function sourceImage(file: EncodedImage): SourceImage {
  let facts: ImageFacts | null = null;
  return {
    name: file.name,
    label: file.label,
    attributes: file.attributes,
    render: async ({ framing, ...shape }) => {
      const bytes = await file.read();
      refuseOwnGrid(bytes);
      return withinPixelBudget(bytes, (known) => {
        facts = known;
        return known === null
          ? decodeImage(bytes, shape, framing)
          : decodeInThread({ bytes, shape, framing, facts: known });
      });
    },
    facts: () => facts,
  };
}

/**
 * Inspects up to 16 images, evenly spread. The size is that of the image with the median area; 1 channel if all images are
 * grey, for which the rest are inspected too, up to the first one in colour. Unreadable images are skipped; if all are
 * unreadable, the size is null and there are 3 channels.
 */
export async function typicalImage(
  count: number,
  file: (index: number) => Pick<EncodedImage, 'read'>,
  signal?: AbortSignal,
): Promise<{ naturalSize: { width: number; height: number } | null; channels: 1 | 3 }> {
  const inspected = Math.min(maxInspected, count);
  const spread = Array.from({ length: inspected }, (_, i) => Math.floor((i * count) / inspected));
  const seen = await inspectAll(spread.map(file), signal);
  const median = seen.toSorted((a, b) => a.width * a.height - b.width * b.height)[seen.length >> 1];
  let hasColour = seen.some(({ channels }) => channels === 3);
  for (let i = 0; i < count && !hasColour && count > inspected; i += maxInspected) {
    const next = Array.from({ length: Math.min(maxInspected, count - i) }, (_, k) => file(i + k));
    const some = await inspectAll(next, signal);
    hasColour = some.some(({ channels }) => channels === 3);
  }
  if (median === undefined) return { naturalSize: null, channels: 3 };
  return {
    naturalSize: { width: median.width, height: median.height },
    channels: hasColour ? 3 : 1,
  };
}

/** The sizes and channels of files that can be read. */
async function inspectAll(
  files: readonly Pick<EncodedImage, 'read'>[],
  signal?: AbortSignal,
): Promise<{ width: number; height: number; channels: 1 | 3 }[]> {
  signal?.throwIfAborted();
  const inspect = async (file: Pick<EncodedImage, 'read'>): ReturnType<typeof inspectImage> =>
    inspectImage(await file.read());
  const seen = [];
  for (const result of await Promise.allSettled(files.map(inspect))) {
    if (result.status === 'fulfilled') seen.push(result.value);
    else if (!(result.reason instanceof BadImageError)) throw result.reason;
  }
  return seen;
}
