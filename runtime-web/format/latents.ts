// Latents: of seeds, on the way from one to another, and sums of them as in the DCGAN paper; one arithmetic for pages and for
// the trainer, so that a walk or a sum is the same pictures in both. Every number that comes from outside is checked here.
import type { Model } from './model.ts';
import { latentFromSeed, LatentRandom, type LatentDistribution } from './random.ts';

/** A latent as given: a seed (a whole number), or its numbers. */
export type LatentSource = number | ArrayLike<number>;
/** How to go from one latent to another. */
export type Path = 'slerp' | 'linear';

/** The numbers of one picture, [dim]. */
export type Latent = Float32Array<ArrayBuffer>;

/** The latent of a seed, or the one given. Throws RangeError or TypeError for what is neither. */
export function latentOf({ latent }: Pick<Model, 'latent'>, source: LatentSource): Latent {
  const { dim, distribution } = latent;
  if (typeof source === 'number') {
    if (!Number.isSafeInteger(source) || source < 0) {
      throw new RangeError(`seed: got ${source}, expected a whole number from 0`);
    }
    return Float32Array.from(latentFromSeed(source, dim, distribution));
  }
  if (typeof source !== 'object' || source === null || typeof source.length !== 'number') {
    throw new TypeError(`z: got ${typeof source}, expected ${dim} numbers`);
  }
  if (source.length !== dim) throw new RangeError(`z: got ${source.length} numbers, expected ${dim}`);
  const z = Float32Array.from(source);
  const bad = z.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new RangeError(`z[${bad}]: got ${source[bad]}, expected a finite number`);
  return z;
}

/** `steps` latents from one to the other, both included. */
export function between(from: Latent, to: Latent, steps: number, path: Path): Latent[] {
  if (!Number.isInteger(steps) || steps < 2 || steps > 10_000) {
    throw new RangeError(`steps: got ${steps}, expected a whole number from 2 to 10000`);
  }
  return Array.from({ length: steps }, (_, i) => mix(from, to, i / (steps - 1), path));
}

/**
 * The latent at share `t` of the way: along the line, or along the great circle, where latents from a normal
 * distribution lie (White 2016), with the length going evenly from one's to the other's.
 */
export function mix(from: Latent, to: Latent, t: number, path: Path): Latent {
  const line = (): Latent => from.map((value, i) => value + t * (to[i]! - value));
  if (path === 'linear') return line();
  const [a, b] = [Math.hypot(...from), Math.hypot(...to)];
  if (a === 0 || b === 0) return line();
  const cosine = from.reduce((sum, value, i) => sum + (value / a) * (to[i]! / b), 0);
  const angle = Math.acos(Math.max(-1, Math.min(1, cosine)));
  // The same direction, or the opposite one, which has no one circle.
  if (angle < 1e-4 || Math.PI - angle < 1e-4) return line();
  const length = a + t * (b - a);
  const [p, q] = [Math.sin((1 - t) * angle) / Math.sin(angle), Math.sin(t * angle) / Math.sin(angle)];
  return from.map((value, i) => length * ((p * value) / a + (q * to[i]!) / b));
}

/** The way that stays among latents such as the generator was trained with: along the circle where they are normal. */
export function usualPath(distribution: LatentDistribution): Path {
  return distribution === 'normal' ? 'slerp' : 'linear';
}

/** The mean of latents: of exemplars of one thing, it is steadier than any one of them (Radford 2016, section 6.3.2). */
export function meanLatent(latents: readonly Latent[]): Latent {
  const sum = new Float32Array(latents[0]?.length ?? 0);
  for (const latent of latents) latent.forEach((value, i) => (sum[i]! += value / latents.length));
  return sum;
}

/** One term of a sum: exemplars of one thing, whose mean is added or taken away. */
export interface LatentTerm {
  readonly sign: 1 | -1;
  readonly exemplars: readonly Latent[];
}

/** The sum of the terms' means, [dim]: mean(A) − mean(B) + mean(C) (Radford 2016, section 6.3.2); zeros without terms. */
export function sumOfMeans(terms: readonly LatentTerm[], dim: number): Latent {
  const sum = new Float32Array(dim);
  for (const { sign, exemplars } of terms) {
    meanLatent(exemplars).forEach((value, i) => (sum[i]! += sign * value));
  }
  return sum;
}

/**
 * Noise of the neighbours of a sum: ±0.25 for latents that are uniform in [-1, 1], as in the paper. Normal ones are √3
 * times as far spread, and so is their noise: ±0.433; its own spread is a quarter of the latent's in both.
 */
export function usualJitter(distribution: LatentDistribution): number {
  return distribution === 'normal' ? 0.25 * Math.sqrt(3) : 0.25;
}

/**
 * A latent in the middle of the eight neighbours of a 3x3 grid, row by row: uniform noise of ±`scale`, drawn from `seed`, as in
 * the paper's figure 7.
 */
export function jittered(z: Latent, scale: number, seed = 1): Latent[] {
  if (!Number.isFinite(scale) || scale < 0)
    throw new RangeError(`jitter: got ${scale}, expected a number from 0`);
  const random = new LatentRandom(seed);
  return Array.from({ length: 9 }, (_, i) =>
    i === 4 ? z : z.map((value) => value + scale * (2 * random.uniform() - 1)),
  );
}
