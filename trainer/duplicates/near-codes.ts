// Finds images with similar binary codes in linear time. Each of several tables sorts all codes (radix sort) by different random
// bits. Codes that agree in those bits become neighbours, and each code is compared with the next few only. So the work does not
// depend on how the codes are distributed.
import type { Random } from '../../runtime-web/format/random.ts';

/** Binary codes of `wordsEach` 32-bit words, one or more per image (the whole image and slight crops). */
export interface Codes {
  /** [pictures, perPicture, wordsEach] */
  readonly words: Uint32Array;
  readonly pictures: number;
  readonly perPicture: number;
  readonly wordsEach: number;
}

/** Settings of the search. */
export interface NearOptions {
  /** Number of tables. */
  readonly tables: number;
  /** Number of following codes that each code is compared with, per table. */
  readonly neighbours: number;
  /** Maximum number of differing bits. */
  readonly maxBits: number;
  /** Random generator that chooses the tables' bits. */
  readonly random: Random;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Bits that a table sorts by: two words of two 16-bit digits each. */
const sortedBits = 64;

/**
 * Calls `visit` with the indices of two near codes of different images (picture * perPicture + code), once for each table
 * that finds them. Throws the signal's reason when aborted.
 */
export async function eachNearPair(
  codes: Codes,
  options: NearOptions,
  visit: (first: number, second: number) => void,
): Promise<void> {
  const { words, pictures, perPicture, wordsEach } = codes;
  const { tables, neighbours, maxBits, random, signal, onProgress = () => undefined } = options;
  const count = pictures * perPicture;
  let [order, spare] = [new Uint32Array(count), new Uint32Array(count)];
  const keys = new Uint32Array(count);
  const bits = Array.from({ length: 32 * wordsEach }, (_, bit) => bit);
  for (let table = 0; table < tables; table++) {
    // Yields to the event loop, so that Ctrl-C works.
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    onProgress(table, tables);
    random.shuffle(bits);
    for (let i = 0; i < count; i++) order[i] = i;
    // Least significant digits first.
    for (let to = Math.min(sortedBits, bits.length); to > 0; to -= 32) {
      gather(words, wordsEach, bits.slice(Math.max(0, to - 32), to), keys);
      for (const shift of [0, 16]) {
        sortByDigit(keys, shift, order, spare);
        [order, spare] = [spare, order];
      }
    }
    for (let at = 0; at < count; at++) {
      const one = order[at]!;
      // Two crops are not compared: a crop is found by its whole image.
      if (one % perPicture !== 0) continue;
      const picture = one / perPicture;
      for (const direction of [-1, 1]) {
        let left = neighbours;
        for (let beside = at + direction; left > 0 && beside >= 0 && beside < count; beside += direction) {
          const two = order[beside]!;
          if (Math.floor(two / perPicture) === picture) continue;
          left -= 1;
          if (distance(words, one * wordsEach, two * wordsEach, wordsEach) <= maxBits) visit(one, two);
        }
      }
    }
  }
  onProgress(tables, tables);
}

/** The given bits of each code as one word, the first bit highest. */
function gather(words: Uint32Array, wordsEach: number, bits: readonly number[], keys: Uint32Array): void {
  for (let i = 0; i < keys.length; i++) {
    let key = 0;
    for (const bit of bits) key = (key << 1) | ((words[i * wordsEach + (bit >>> 5)]! >>> (bit & 31)) & 1);
    keys[i] = key;
  }
}

/** Sorts the items of `from` into `to` by 16 bits of their keys from `shift` on; stable. */
function sortByDigit(keys: Uint32Array, shift: number, from: Uint32Array, to: Uint32Array): void {
  const starts = new Uint32Array(65537);
  for (const item of from) starts[((keys[item]! >>> shift) & 0xffff) + 1]! += 1;
  for (let digit = 1; digit < starts.length; digit++) starts[digit]! += starts[digit - 1]!;
  for (const item of from) to[starts[(keys[item]! >>> shift) & 0xffff]!++] = item;
}

/** Number of differing bits (Hamming distance). */
function distance(words: Uint32Array, one: number, two: number, wordsEach: number): number {
  let sum = 0;
  for (let w = 0; w < wordsEach; w++) {
    let x = words[one + w]! ^ words[two + w]!;
    x -= (x >>> 1) & 0x55555555;
    x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
    sum += Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return sum;
}
