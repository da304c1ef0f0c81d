// Sets images aside before training: a random part of the data that is the same every time, so that later measurements have real images
// that the networks have not seen.
import { minImages } from '../../runtime-web/format/training/image-counts.ts';
import { Permutation } from '../../runtime-web/format/training/permutation.ts';
import { UserError } from '../errors.ts';
import type { ImageSource } from './source.ts';

/** A part of data with images set aside. */
export type DataPart = 'training' | 'held-out';

/** The key of the permutation whose last items are set aside. */
const key = [0x686f_6c64, 0x6f75_7400] as const;

/** A share of the images such as `5%`, or their number. */
export const holdOutFormat = 'a share of the images such as 5%, or their number';

/** True for a text of {@link holdOutFormat}: above 0, and a share below 100%. */
export function isHoldOut(text: string): boolean {
  const [, digits, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  if (digits === undefined) return false;
  const value = Number(digits);
  return percent === '%' ? value > 0 && value < 100 : Number.isInteger(value) && value > 0;
}

/** The number of images that are set aside of `count`. Throws UserError for none, and if fewer than 12 are left. */
export function heldOutCount(holdOut: string, count: number): number {
  const value = Number(holdOut.replace('%', ''));
  const aside = holdOut.endsWith('%') ? Math.round((count * value) / 100) : value;
  if (aside < 1) {
    throw new UserError(
      `--hold-out ${holdOut}: sets aside none of ${count} images; give a larger share, or a number`,
    );
  }
  if (count - aside < minImages) {
    throw new UserError(
      `--hold-out ${holdOut}: sets aside ${aside} of ${count} images and leaves ${Math.max(0, count - aside)} to train on, ` +
        `expected at least ${minImages}; give a smaller share`,
    );
  }
  return aside;
}

/** One part of a source. Closing it closes `source`. Throws UserError as {@link heldOutCount} does. */
export function partOf(source: ImageSource, holdOut: string, part: DataPart): ImageSource {
  const aside = heldOutCount(holdOut, source.count);
  const order = new Permutation(source.count, key);
  const isAside = new Uint8Array(source.count);
  for (let i = source.count - aside; i < source.count; i++) isAside[order.at(i)] = 1;
  const wanted = Number(part === 'held-out');
  return {
    ...source,
    count: part === 'held-out' ? aside : source.count - aside,
    fingerprint: `${source.fingerprint}/${part} of --hold-out ${aside}`,
    async *images(signal) {
      let index = 0;
      for await (const image of source.images(signal)) if (isAside[index++] === wanted) yield image;
    },
    close: () => source.close(),
  };
}
