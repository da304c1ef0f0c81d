// The seeded random numbers of the whole project: xoshiro128++ started from splitmix32.
// Image 42 of a model must be the same in the trainer, in Node and in every browser, so all latents come from `latentFromSeed`.
// Imports nothing.

/** Four unsigned 32-bit words; the whole state of a {@link LatentRandom}. */
export type RandomState = readonly [number, number, number, number];

/** Distribution of a latent's coordinates: uniform in [-1, 1] (DCGAN paper, section 4) or standard normal. */
export const latentDistributions = ['uniform', 'normal'] as const;
/** One of {@link latentDistributions}. */
export type LatentDistribution = (typeof latentDistributions)[number];

/** A seeded generator of random numbers (Blackman and Vigna's xoshiro128++), whose state can be saved. */
export class LatentRandom {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  /** @param seed an integer in [0, 2^53), or a state taken from {@link LatentRandom.state}. Throws RangeError otherwise. */
  constructor(seed: number | RandomState) {
    const [a, b, c, d] = typeof seed === 'number' ? expandSeed(seed) : seed;
    this.a = a >>> 0;
    this.b = b >>> 0;
    this.c = c >>> 0;
    this.d = d >>> 0;
  }

  /** The state to continue from, as plain numbers. */
  get state(): RandomState {
    return [this.a, this.b, this.c, this.d];
  }

  /** The next unsigned 32-bit integer. */
  uint32(): number {
    const sum = (this.a + this.d) | 0;
    const result = (((sum << 7) | (sum >>> 25)) + this.a) | 0;
    const t = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= t;
    this.d = (this.d << 11) | (this.d >>> 21);
    return result >>> 0;
  }

  /** A number in [0, 1), a multiple of 2^-32. */
  uniform(): number {
    return this.uint32() / 4294967296;
  }

  /** A standard normal number (the first of Box and Muller's pair; the second is dropped, so that the state stays four words). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Fills `target` with latents' coordinates, in order, and returns it. */
  fillLatent<T extends Float32Array>(target: T, distribution: LatentDistribution): T {
    for (let i = 0; i < target.length; i++) {
      target[i] = distribution === 'uniform' ? 2 * this.uniform() - 1 : this.normal();
    }
    return target;
  }
}

/** Random integers and shuffles. A subclass, so that the scripts of pages do not carry them. */
export class Random extends LatentRandom {
  /** An integer in [0, limit), without bias. `limit` in [1, 2^32]. */
  integer(limit: number): number {
    if (!Number.isInteger(limit) || limit < 1 || limit > 4294967296) {
      throw new RangeError(`Random.integer: got limit ${limit}, expected an integer in [1, 2^32]`);
    }
    const ceiling = 4294967296 - (4294967296 % limit);
    let draw = this.uint32();
    while (draw >= ceiling) draw = this.uint32();
    return draw % limit;
  }

  /** Shuffles an array in place (Fisher and Yates) and returns it. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const held = items[i];
      items[i] = items[j];
      items[j] = held;
    }
    return items;
  }
}

/** The latent of image `seed` of a model: [latentDim] float32. Seeds are integers in [0, 2^53). */
export function latentFromSeed(
  seed: number,
  latentDim: number,
  distribution: LatentDistribution,
): Float32Array<ArrayBuffer> {
  return new LatentRandom(seed).fillLatent(new Float32Array(latentDim), distribution);
}

/**
 * Four words from one seed by splitmix32, never all zero. The seed's low half decides the first two words, both halves the last
 * two, so that no two seeds have the same words.
 */
function expandSeed(seed: number): RandomState {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`seed: got ${seed}, expected a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`);
  }
  let x = seed >>> 0;
  const next = (): number => {
    x = (x + 0x9e3779b9) | 0;
    let z = x ^ (x >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  const [a, b] = [next(), next()];
  x ^= Math.imul(Math.floor(seed / 4294967296), 0x85ebca6b);
  const [c, d] = [next(), next()];
  return (a | b | c | d) === 0 ? [1, 0, 0, 0] : [a, b, c, d];
}
