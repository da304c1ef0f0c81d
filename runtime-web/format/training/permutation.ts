// A random permutation of n items that needs no memory: a Feistel network over the next power of four, applied repeatedly until
// the result is below n (Black and Rogaway 2002, "Ciphers with arbitrary finite domains"). The shuffle of any dataset can be
// saved as two numbers.

const rounds = 8;

/** A permutation of `count` items, chosen by a key. */
export class Permutation {
  readonly count: number;
  private readonly halfBits: number;
  private readonly mask: number;
  private readonly keys: Uint32Array;

  /** @param count 1 to 2^30. @param key two unsigned 32-bit integers. Throws RangeError for other counts. */
  constructor(count: number, key: readonly [number, number]) {
    if (!Number.isInteger(count) || count < 1 || count > 2 ** 30) {
      throw new RangeError(`Permutation: got a count of ${count}, expected an integer in [1, 2^30]`);
    }
    this.count = count;
    this.halfBits = Math.max(1, Math.ceil(Math.log2(count) / 2));
    this.mask = 2 ** this.halfBits - 1;
    this.keys = Uint32Array.from({ length: rounds }, (_, i) =>
      mix(key[0] + Math.imul(i, 0x9e3779b9), key[1]),
    );
  }

  /** The item at position `index`, in [0, count). Throws RangeError for an index outside of [0, count). */
  at(index: number): number {
    if (!Number.isInteger(index) || index < 0 || index >= this.count) {
      throw new RangeError(`Permutation: got index ${index}, expected an integer in [0, ${this.count})`);
    }
    let value = index;
    do {
      let left = value >>> this.halfBits;
      let right = value & this.mask;
      for (const key of this.keys) {
        const next = left ^ (mix(right, key) & this.mask);
        left = right;
        right = next;
      }
      value = ((left << this.halfBits) | right) >>> 0;
    } while (value >= this.count);
    return value;
  }
}

/** Hashes two words to one; each bit of the result depends on all input bits (the finaliser of MurmurHash3, twice). */
function mix(word: number, key: number): number {
  let h = word | 0;
  for (const k of [key, 0x5bd1e995]) {
    h = Math.imul(h ^ k ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    h ^= h >>> 16;
  }
  return h >>> 0;
}
