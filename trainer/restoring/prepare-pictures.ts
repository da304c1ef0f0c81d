// From given pictures to what is restored: read, given their holes or spoilt for a demonstration, and beside their originals
// where those are known.
import { Random } from '../../runtime-web/format/random.ts';
import type { Degraded } from '../../runtime-web/format/restoring/finish.ts';
import type { RestoringTask } from '../../runtime-web/format/restoring/task.ts';
import { withHoles, withNoise, withoutColour } from './degrade.ts';
import { boxMask, centreMask, checkMask, parseBox, randomMask } from './masks.ts';
import { givenPictures, readMask, type GivenPicture, type PictureSize } from './read-picture.ts';
import type { PictureToRestore } from './restore-pictures.ts';

/** How a hole comes about. */
export type HoleRequest =
  | { readonly kind: 'mask'; readonly path: string }
  | { readonly kind: 'box'; readonly text: string }
  | { readonly kind: 'centre' | 'random'; readonly share: number };

/** What is to be made of pictures. */
export interface PrepareRequest {
  readonly task: RestoringTask;
  /** Of `inpaint` alone. */
  readonly hole: HoleRequest | null;
  /** The given pictures are spoilt, and are the originals. */
  readonly isDemonstration: boolean;
  /** Of the only picture. */
  readonly original: string | null;
  /** Levels of 255, of the noise that a demonstration adds. */
  readonly noise: number;
  readonly seed: number;
}

/** Reads all of them. Throws UserError for a file that cannot be read, or a mask that does not fit or makes no sense. */
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
    // Each picture has numbers of its own, whichever others are given with it.
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

/** How pictures came to be what they are, in words; null where they came so. */
export function degradationInWords({ task, hole, isDemonstration, noise }: PrepareRequest): string | null {
  if (hole?.kind === 'centre') return `without a square in the middle, ${hole.share} of the area`;
  if (hole?.kind === 'random') return `without ${hole.share} of the pixels, here and there`;
  if (hole?.kind === 'box') return `without the box ${hole.text}`;
  if (hole?.kind === 'mask') return 'without what the mask covers';
  if (!isDemonstration) return null;
  return task === 'denoise' ? `noise of ${noise} levels of 255 added` : 'their colour taken away';
}
