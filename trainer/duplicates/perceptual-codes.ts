// Binary codes of images without a network: the block mean value hash of Yang, Gu and Niu (2006), by the library blockhash-core,
// 16x16 bits per view.
import { bmvbhash } from 'blockhash-core';
import { pictureBytes, type PictureSet } from './collect-pictures.ts';
import type { Codes } from './near-codes.ts';
import { pictureSize } from './picture.ts';
import { viewInto, views } from './views.ts';

const side = 16;
const wordsEach = (side * side) / 32;
/** Number of images between yields to the event loop. */
const yieldEvery = 512;

/** Encodes the images. Throws the signal's reason when aborted. */
export async function perceptualCodes(
  { names, pixels, channels }: PictureSet,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<Codes> {
  const pictures = names.length;
  const length = pictureBytes(channels);
  const perPicture = views.length;
  const words = new Uint32Array(pictures * perPicture * wordsEach);
  const view = new Float32Array(length);
  const data = new Uint8ClampedArray(pictureSize * pictureSize * 4).fill(255);
  let at = 0;
  for (let picture = 0; picture < pictures; picture++) {
    for (let v = 0; v < perPicture; v++) {
      viewInto(pixels.subarray(picture * length, (picture + 1) * length), channels, v, view);
      for (let pixel = 0, from = 0; pixel < data.length; pixel += 4, from += channels) {
        data[pixel] = view[from]!;
        data[pixel + 1] = view[channels === 1 ? from : from + 1]!;
        data[pixel + 2] = view[channels === 1 ? from : from + 2]!;
      }
      const hash = bmvbhash({ data, width: pictureSize, height: pictureSize }, side);
      for (let k = 0; k < wordsEach; k++) words[at++] = Number.parseInt(hash.slice(8 * k, 8 * k + 8), 16);
    }
    if ((picture + 1) % yieldEvery !== 0 && picture + 1 !== pictures) continue;
    onProgress(picture + 1, pictures);
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  }
  return { words, pictures, perPicture, wordsEach };
}
