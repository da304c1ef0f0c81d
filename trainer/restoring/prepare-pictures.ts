// Prepares images for restoring: reads them, applies masks or degrades them for a demonstration, and keeps the originals if they
// are known.
import { Random } from '../../runtime-web/format/random.ts';
import type { Degraded } from '../../runtime-web/format/restoring/finish.ts';
import type { RestoringTask } from '../../runtime-web/format/restoring/task.ts';
import { withHoles, withNoise, withoutColour } from './degrade.ts';
import { boxMask, centreMask, checkMask, parseBox, randomMask } from './masks.ts';
import { givenPictures, readMask, type GivenPicture, type PictureSize } from './read-picture.ts';
import type { PictureToRestore } from './restore-pictures.ts';

/** The origin of a hole. */
export type HoleRequest =
  | { readonly kind: 'mask'; readonly path: string }
  | { readonly kind: 'box'; readonly text: string }
  | { readonly kind: 'centre' | 'random'; readonly share: number };

/** Settings. */
export interface PrepareRequest {
  readonly task: RestoringTask;
  /** For `inpaint` only. */
  readonly hole: HoleRequest | null;
  /** Whether to degrade the given images, which are then the originals. */
  readonly isDemonstration: boolean;
  /** Of the only picture. */
  readonly original: string | null;
  /** Levels of 255, of the noise that a demonstration adds. */
  readonly noise: number;
  readonly seed: number;
}

/** Reads all images. Throws UserError for an unreadable file, or a mask that does not fit or is invalid. */
export async function preparePictures(
  given: readonly GivenPicture[],
  request: PrepareRequest,
  size: PictureSize,
  signal: AbortSignal,
): Promise<PictureToRestore[]> {
  const { task, isDemonstration, noise, seed } = request;
  const { imageSize: side, channels } = size;
  const [original] =
    request.original === null ? [] : await givenPictures([request.original], (path) => path, signal);
  const truth = (await original?.read(size)) ?? null;
  const pictures: PictureToRestore[] = [];
  for (const [i, one] of given.entries()) {
    signal.throwIfAborted();
    const picture = await one.read(size);
    // Each image has its own random numbers, independent of the others.
    const random = new Random(seed + i);
    const mask = await maskFor(one, request, size, random);
    const degrade = (): Degraded['picture'] => {
      if (mask !== null) return withHoles(picture, mask, channels);
      if (task === 'colourise') return withoutColour(picture);
      return isDemonstration ? withNoise(picture, noise, random) : picture;
    };
    pictures.push({
      name: one.name,
      degraded: { task, picture: degrade(), mask, side, channels },
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
  const { imageSize: side } = size;
  if (hole === null) return null;
  const mask =
    hole.kind === 'mask'
      ? await readMask(hole.path, path, size)
      : hole.kind === 'box'
        ? boxMask(side, parseBox(hole.text, side))
        : hole.kind === 'centre'
          ? centreMask(side, hole.share)
          : randomMask(side, hole.share, random);
  checkMask(mask, 'path' in hole ? `--mask ${hole.path}` : `--${hole.kind}`);
  return mask;
}

/** The degradation in words; null for none. */
export function degradationInWords({ task, hole, isDemonstration, noise }: PrepareRequest): string | null {
  if (hole?.kind === 'centre') return `without a square in the middle, ${hole.share} of the area`;
  if (hole?.kind === 'random') return `without ${hole.share} of the pixels, here and there`;
  if (hole?.kind === 'box') return `without the box ${hole.text}`;
  if (hole?.kind === 'mask') return 'without what the mask covers';
  if (!isDemonstration) return null;
  return task === 'denoise' ? `noise of ${noise} levels of 255 added` : 'their colour taken away';
}
