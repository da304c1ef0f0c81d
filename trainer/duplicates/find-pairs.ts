// Finds pairs of copies in three steps: binary codes give candidates in linear time, small thumbnails rank them, and only the
// nearest few are compared exactly.
import type { Random } from '../../runtime-web/format/random.ts';
import { pictureBytes, type PictureSet } from './collect-pictures.ts';
import { comparePairs } from './compare-pairs.ts';
import { decidePairs, type ComparedPair, type DecideOptions } from './decide-pairs.ts';
import { eachNearPair, type Codes } from './near-codes.ts';
import { Nearest } from './nearest.ts';
import { brightnessOf } from './picture.ts';
import { Thumbnails } from './thumbnail.ts';
import { viewInto, views } from './views.ts';

/** Settings of the search. */
export interface FindPairsOptions {
  /** Sets of codes of the same images, by name; a pair found by any of them is compared. */
  readonly codes: Readonly<Record<string, Codes>>;
  readonly limits: DecideOptions;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly onProgress: (job: string, done: number, total: number) => void;
}

/** A pair of copies, and the names of the codes that found it. */
export interface FoundPair extends ComparedPair {
  readonly foundBy: readonly string[];
}

/** The result, and the amount of work. */
export interface FoundPairs {
  readonly pairs: readonly FoundPair[];
  /** Number of pairs compared exactly. */
  readonly compared: number;
}

/** Maximum number of candidates per image. */
const maxNear = 8;
const search = { tables: 48, neighbours: 4 } as const;
/** Near codes differ in at most this fraction of their bits. */
const maxBitFraction = 0.35;

/** Finds the pairs. Throws the signal's reason when aborted. */
export async function findPairs(set: PictureSet, options: FindPairsOptions): Promise<FoundPairs> {
  const { codes, limits, random, signal, onProgress } = options;
  const count = set.names.length;
  const thumbnails = await thumbnailsOf(set, signal, (done) => onProgress('thumbnails', done, count));
  const foundBy = new Map<string, Map<number, number>>();
  for (const [name, codeSet] of Object.entries(codes)) {
    const nearest = new Nearest(count, maxNear);
    const near = {
      ...search,
      maxBits: Math.round(maxBitFraction * 32 * codeSet.wordsEach),
      random,
      signal,
      onProgress: (done: number, total: number) => onProgress(`near codes (${name})`, done, total),
    };
    await eachNearPair(codeSet, near, (one, two) => {
      const [first, second] = [Math.floor(one / codeSet.perPicture), Math.floor(two / codeSet.perPicture)];
      nearest.offer(first, second, thumbnails.nearness(one, two));
    });
    foundBy.set(name, new Map([...nearest.pairs()].map(([a, b], i) => [a * count + b, i])));
  }
  const keys = [...new Set([...foundBy.values()].flatMap((found) => [...found.keys()]))].sort(
    (a, b) => a - b,
  );
  const candidates = new Uint32Array(2 * keys.length);
  keys.forEach((key, i) => candidates.set([Math.floor(key / count), key % count], 2 * i));
  const differences = await comparePairs(set, candidates, {
    signal,
    onProgress: (done, total) => onProgress('comparing', done, total),
  });
  const compared: ComparedPair[] = keys.map((_, i) => ({
    first: candidates[2 * i]!,
    second: candidates[2 * i + 1]!,
    difference: differences[i]!,
  }));
  const pairs = decidePairs(compared, limits).map((pair) => {
    const key = pair.first * count + pair.second;
    return { ...pair, foundBy: [...foundBy].filter(([, found]) => found.has(key)).map(([name]) => name) };
  });
  return { pairs, compared: keys.length };
}

async function thumbnailsOf(
  { names, pixels, channels }: PictureSet,
  signal: AbortSignal,
  onProgress: (done: number) => void,
): Promise<Thumbnails> {
  const length = pictureBytes(channels);
  const thumbnails = new Thumbnails(names.length, views.length);
  const view = new Float32Array(length);
  for (let picture = 0; picture < names.length; picture++) {
    for (let v = 0; v < views.length; v++) {
      viewInto(pixels.subarray(picture * length, (picture + 1) * length), channels, v, view);
      thumbnails.add(picture, v, brightnessOf(view, channels));
    }
    if ((picture + 1) % 512 !== 0 && picture + 1 !== names.length) continue;
    onProgress(picture + 1);
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  }
  return thumbnails;
}
