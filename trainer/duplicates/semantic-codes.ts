// Binary codes of images: the 128 units of the code network for each view of an image, as bits. The threshold of a unit is its
// median over the images, so each bit splits them in half (like the thresholds of Salakhutdinov and Hinton 2009). With the DCGAN
// paper's threshold 0, most bits of most images are equal.
import type { Random } from '../../runtime-web/format/random.ts';
import type { Engine } from '../engine/engine.ts';
import { codeLength, trainCodeNetwork } from './code-network.ts';
import { pictureBytes, type PictureSet } from './collect-pictures.ts';
import type { Codes } from './near-codes.ts';
import { standardise, viewInto, views } from './views.ts';
import { held } from '../held.ts';

/** Settings. */
export interface SemanticCodesOptions {
  /** Trains the network; keeps its parameters in its state. */
  readonly engine: Engine;
  readonly updates: number;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly onProgress: (job: 'learning' | 'encoding', done: number, total: number) => void;
}

/** Number of images that determine the medians. */
const maxForMedians = 4096;
/** Images per batch, all views of each. */
const chunk = 64;

/** Trains a network on the images and encodes them. Throws the signal's reason when aborted. */
export async function semanticCodes(
  { names, pixels, channels }: PictureSet,
  options: SemanticCodesOptions,
): Promise<{ readonly codes: Codes; readonly loss: number }> {
  const { engine, updates, random, signal, onProgress } = options;
  const count = names.length;
  const length = pictureBytes(channels);
  const perPicture = views.length;
  const put = (picture: number, view: number, target: Float32Array): void => {
    viewInto(pixels.subarray(picture * length, (picture + 1) * length), channels, view, target);
    standardise(target);
  };
  await using network = held(
    await trainCodeNetwork({
      engine,
      length,
      updates,
      random,
      next: (target) => {
        for (let at = 0; at < target.length; at += length) {
          put(random.integer(count), random.integer(perPicture), target.subarray(at, at + length));
        }
      },
      signal,
      onProgress: (done, total) => onProgress('learning', done, total),
    }),
  );
  const encode = async (
    pictures: readonly number[],
    viewNumbers: readonly number[],
  ): Promise<Float32Array> => {
    const data = new Float32Array(pictures.length * viewNumbers.length * length);
    let at = 0;
    for (const picture of pictures) {
      for (const view of viewNumbers) {
        put(picture, view, data.subarray(at, at + length));
        at += length;
      }
    }
    return network.encode(data, at / length);
  };
  const sampled = Math.min(count, maxForMedians);
  const spread = Array.from({ length: sampled }, (_, i) => Math.floor((i * count) / sampled));
  const thresholds = medians(await encode(spread, [0]));
  const wordsEach = codeLength / 32;
  const words = new Uint32Array(count * perPicture * wordsEach);
  const all = views.map((_, view) => view);
  for (let first = 0; first < count; first += chunk) {
    signal.throwIfAborted();
    const pictures = Array.from({ length: Math.min(chunk, count - first) }, (_, i) => first + i);
    const sums = await encode(pictures, all);
    for (let i = 0; i < sums.length; i++) {
      if (sums[i]! > thresholds[i % codeLength]!) {
        words[first * perPicture * wordsEach + (i >>> 5)]! |= 1 << (i & 31);
      }
    }
    onProgress('encoding', first + pictures.length, count);
  }
  return { codes: { words, pictures: count, perPicture, wordsEach }, loss: network.loss };
}

/** Median of each unit over pre-activations [n, 128]. */
function medians(sums: Float32Array): Float32Array {
  const count = sums.length / codeLength;
  return Float32Array.from({ length: codeLength }, (_, unit) => {
    const values = Float32Array.from({ length: count }, (_, i) => sums[i * codeLength + unit]!).sort();
    return values[count >> 1]!;
  });
}
