// Chooses the images of an audit: held-out ones that are no training images, and several draws of as many training images.
import { createHash } from 'node:crypto';
import { lengthOf } from '../../runtime-web/format/image-shape.ts';
import { Permutation } from '../../runtime-web/format/training/permutation.ts';
import type { Dataset } from '../data/dataset.ts';
import { UserError } from '../errors.ts';

/** Fewest held-out images: with fewer, every interval is so wide that only a model that copies all the time would show. */
export const minHeldOut = 10;
/** Most held-out images, training images of all draws, and draws. */
const limits = { heldOut: 1000, training: 5000, draws: 20 } as const;
/** Training images that held-out ones are compared with, byte by byte. */
const maxHashed = 60_000;
const batch = 200;

/** The images by index. */
export interface ChosenImages {
  readonly heldOut: readonly number[];
  /** As many for each draw, one draw after another; no image is in two draws. */
  readonly training: readonly number[];
  readonly draws: number;
  /** Number of held-out images that are equal to training images and were left out. */
  readonly shared: number;
}

/** Chooses them by `seed`. Throws UserError for too few held-out images. */
export async function chooseImages(
  training: Dataset,
  heldOut: Dataset,
  { seed, signal }: { readonly seed: number; readonly signal: AbortSignal },
): Promise<ChosenImages> {
  const known = new Set<string>();
  for await (const { digest } of digests(training, Math.min(maxHashed, training.count), signal)) {
    known.add(digest);
  }
  const usable: number[] = [];
  for await (const { index, digest } of digests(heldOut, heldOut.count, signal)) {
    if (!known.has(digest)) usable.push(index);
  }
  const shared = heldOut.count - usable.length;
  const count = Math.min(usable.length, training.count, limits.heldOut);
  if (count < minHeldOut) {
    const why = shared > 0 ? `; ${shared} others of ${heldOut.name} are training images` : '';
    throw new UserError(
      `held-out images: got ${count}${why}, expected at least ${minHeldOut}; ` +
        'give more with --held-out PATH, or train with a larger --hold-out',
    );
  }
  const draws = Math.max(
    1,
    Math.min(limits.draws, Math.floor(Math.min(training.count, limits.training) / count)),
  );
  const [orderOfHeldOut, orderOfTraining] = [
    new Permutation(usable.length, [seed, 0x61]),
    new Permutation(training.count, [seed, 0x62]),
  ];
  return {
    heldOut: Array.from({ length: count }, (_, i) => usable[orderOfHeldOut.at(i)]!),
    training: Array.from({ length: draws * count }, (_, i) => orderOfTraining.at(i)),
    draws,
    shared,
  };
}

/** A hash of the bytes of each of the first images. */
async function* digests(
  dataset: Dataset,
  count: number,
  signal: AbortSignal,
): AsyncGenerator<{ readonly index: number; readonly digest: string }> {
  const length = lengthOf(dataset);
  for (let first = 0; first < count; first += batch) {
    signal.throwIfAborted();
    const size = Math.min(batch, count - first);
    const bytes = new Uint8Array(size * length);
    await dataset.readInto(
      Array.from({ length: size }, (_, i) => first + i),
      bytes,
    );
    for (let i = 0; i < size; i++) {
      const image = bytes.subarray(i * length, (i + 1) * length);
      yield { index: first + i, digest: createHash('sha256').update(image).digest('base64') };
    }
  }
}
