// Reads all images of a source as 32x32 pixels (the central square, as in the DCGAN paper) into memory: 3 kB each, so a million
// images take 3 GB.
import { defaultFraming } from '../data/framing.ts';
import { renderInParallel } from '../data/render-in-parallel.ts';
import { BadImageError, type ImageSource } from '../data/source.ts';
import { UserError } from '../errors.ts';
import { pictureSize } from './picture.ts';

/** Small images with their names. */
export interface PictureSet {
  readonly names: readonly string[];
  readonly channels: 1 | 3;
  /** [names.length, 32, 32, channels]; collected in memory that threads can share. */
  readonly pixels: Uint8Array;
  /** Unreadable files, with the reason. */
  readonly unreadable: readonly { readonly name: string; readonly reason: string }[];
}

/** Bytes per image. */
export function pictureBytes(channels: 1 | 3): number {
  return pictureSize * pictureSize * channels;
}

/** Reads the images. Throws UserError if none can be read, the signal's reason when aborted. */
export async function collectPictures(
  source: ImageSource,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<PictureSet> {
  const { channels, count } = source;
  const bytes = pictureBytes(channels);
  const pixels = new Uint8Array(new SharedArrayBuffer(count * bytes));
  const names: string[] = [];
  const unreadable: { name: string; reason: string }[] = [];
  const rendering = { width: pictureSize, height: pictureSize, channels, framing: defaultFraming };
  let done = 0;
  for await (const read of renderInParallel(source.images(signal), rendering)) {
    const { name } = read.image;
    if (read.pixels instanceof BadImageError) unreadable.push({ name, reason: read.pixels.message });
    else {
      pixels.set(read.pixels, names.length * bytes);
      names.push(name);
    }
    done += 1;
    if (done % 256 === 0 || done === count) onProgress(done, count);
  }
  if (names.length === 0) {
    const [first] = unreadable;
    throw new UserError(`none of the ${count} images can be read (${first!.name}: ${first!.reason})`);
  }
  return { names, channels, pixels: pixels.subarray(0, names.length * bytes), unreadable };
}
