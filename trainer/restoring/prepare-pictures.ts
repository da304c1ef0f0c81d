// Prepares images for restoring: reads them, cuts holes, degrades them for a demonstration, and keeps originals that are known.
import { Random } from '../../runtime-web/format/random.ts';
import type { Degraded } from '../../runtime-web/format/restoring/finish.ts';
import type { RestoringTask } from '../../runtime-web/format/restoring/task.ts';
import { withHoles, withNoise, withoutColour } from './degrade.ts';
import { boxMask, centreMask, checkMask, parseBox, randomMask } from './masks.ts';
import { givenPictures, readMask, type GivenPicture, type PictureSize } from './read-picture.ts';
import type { PictureToRestore } from './restore-pictures.ts';

/** The source of the mask. */
export type HoleRequest =
  | { readonly kind: 'mask'; readonly path: string }
  | { readonly kind: 'box'; readonly text: string }
  | { readonly kind: 'centre' | 'random'; readonly share: number };

/** Settings of {@link preparePictures}. */
export interface PrepareRequest {
  readonly task: RestoringTask;
  /** Null for all tasks but `inpaint`. */
  readonly hole: HoleRequest | null;
  /** True if the given images are originals, which are degraded first. */
  readonly isDemonstration: boolean;
  /** Path of the original, for a single image; null if it is unknown. */
  readonly original: string | null;
  /** Standard deviation of a demonstration's noise, in levels of 255. */
  readonly noise: number;
  readonly seed: number;
}

/** Prepares all images. Throws UserError for a file that cannot be read, and for a mask of the wrong size or without an effect. */
export async function preparePictures(
  given: readonly GivenPicture[],
  request: PrepareRequest,
  size: PictureSize,
  signal: AbortSignal,
): Promise<PictureToRestore[]> {
  const { task, isDemonstration, noise, seed } = request;
  const { width, height, channels } = size;
  const [original] =
    request.original === null ? [] : await givenPictures([request.original], (path) => path, signal);
  const truth = (await original?.read(size)) ?? null;
  const pictures: PictureToRestore[] = [];
  for (const [i, one] of given.entries()) {
    signal.throwIfAborted();
    const picture = await one.read(size);
    // A random generator per image: the result does not depend on the other images.
    const random = new Random(seed + i);
    const mask = await maskFor(one, request, size, random);
    const degrade = (): Degraded['picture'] => {
      if (mask !== null) return withHoles(picture, mask, channels);
      if (task === 'colourise') return withoutColour(picture);
      return isDemonstration ? withNoise(picture, noise, random) : picture;
    };
    pictures.push({
      name: one.name,
      degraded: { task, picture: degrade(), mask, width, height, channels },
      original: isDemonstration ? picture : truth,
    });
  }
  return pictures;
}

async function maskFor(
  { path }: GivenPicture,
  { hole }: PrepareRequest,
  size: PictureSize,
  random: Random,
): Promise<Float32Array | null> {
  if (hole === null) return null;
  const mask =
    hole.kind === 'mask'
      ? await readMask(hole.path, path, size)
      : hole.kind === 'box'
        ? boxMask(size, parseBox(hole.text, size))
        : hole.kind === 'centre'
          ? centreMask(size, hole.share)
          : randomMask(size, hole.share, random);
  checkMask(mask, 'path' in hole ? `--mask ${hole.path}` : `--${hole.kind}`);
  return mask;
}

/** The degradation in words; null for images that were given degraded. */
export function degradationInWords({ task, hole, isDemonstration, noise }: PrepareRequest): string | null {
  if (hole?.kind === 'centre') return `without a square in the middle, ${hole.share} of the area`;
  if (hole?.kind === 'random') return `without ${hole.share} of the pixels, at random`;
  if (hole?.kind === 'box') return `without the box ${hole.text}`;
  if (hole?.kind === 'mask') return 'without the masked pixels';
  if (!isDemonstration) return null;
  return task === 'denoise' ? `noise of ${noise} levels of 255 added` : 'their colour removed';
}
