// Latents: of seeds, interpolated, and sums as in the DCGAN paper. Pages and the trainer share this code, so that a walk or a sum gives the
// same images in both. All numbers from outside are checked here.
import type { Model } from './model.ts';
import { latentFromSeed, LatentRandom, type LatentDistribution } from './random.ts';

/** A latent, given by its seed (a whole number) or by its numbers. */
export type LatentSource = number | ArrayLike<number>;
/** The interpolation between two latents: spherical or linear. */
export type Path = 'slerp' | 'linear';

/** A latent vector, [dim]. */
export type Latent = Float32Array<ArrayBuffer>;

/** The latent of a seed, or a copy of a given one. Throws RangeError or TypeError for an invalid source. */
export function latentOf({ latent }: Pick<Model, 'latent'>, source: LatentSource): Latent {
  const { dim, distribution } = latent;
  if (typeof source === 'number') return latentFromSeed(source, dim, distribution);
  if (typeof source !== 'object' || source === null || typeof source.length !== 'number') {
    throw new TypeError(`z: got ${typeof source}, expected ${dim} numbers`);
  }
  if (source.length !== dim) throw new RangeError(`z: got ${source.length} numbers, expected ${dim}`);
  const z = Float32Array.from(source);
  const bad = z.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new RangeError(`z[${bad}]: got ${source[bad]}, expected a finite number`);
  return z;
}

/** `steps` latents from one to the other, both included. Throws RangeError for an invalid number. */
export function between(from: Latent, to: Latent, steps: number, path: Path): Latent[] {
  if (!Number.isInteger(steps) || steps < 2 || steps > 10_000) {
    throw new RangeError(`steps: got ${steps}, expected a whole number from 2 to 10000`);
  }
  return Array.from({ length: steps }, (_, i) => mix(from, to, i / (steps - 1), path));
}

/**
 * The latent at a fraction `t` of the path: on the line, or on the great circle, close to which normal latents lie (White 2016), with
 * linearly interpolated length.
 */
export function mix(from: Latent, to: Latent, t: number, path: Path): Latent {
  const line = (): Latent => from.map((value, i) => value + t * (to[i]! - value));
  if (path === 'linear') return line();
  const [a, b] = [Math.hypot(...from), Math.hypot(...to)];
  if (a === 0 || b === 0) return line();
  const cosine = from.reduce((sum, value, i) => sum + (value / a) * (to[i]! / b), 0);
  const angle = Math.acos(Math.max(-1, Math.min(1, cosine)));
  // Parallel latents; for opposite ones the circle is not unique.
  if (angle < 1e-4 || Math.PI - angle < 1e-4) return line();
  const length = a + t * (b - a);
  const [p, q] = [Math.sin((1 - t) * angle) / Math.sin(angle), Math.sin(t * angle) / Math.sin(angle)];
  return from.map((value, i) => length * ((p * value) / a + (q * to[i]!) / b));
}

/** The interpolation that stays close to the training distribution: spherical for normal latents. */
export function usualPath(distribution: LatentDistribution): Path {
  return distribution === 'normal' ? 'slerp' : 'linear';
}

/** The mean of latents. The mean of several exemplars is more reliable than one of them (Radford 2016, section 6.3.2). */
export function meanLatent(latents: readonly Latent[]): Latent {
  const sum = new Float32Array(latents[0]?.length ?? 0);
  for (const latent of latents) latent.forEach((value, i) => (sum[i]! += value / latents.length));
  return sum;
}

/** One term of a sum: exemplars whose mean is added or subtracted. */
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
 * The usual noise of a sum's neighbours: ±0.25 for latents that are uniform in [-1, 1], as in the paper, and ±0.433 for normal ones, whose
 * standard deviation is √3 times as large. In both cases the noise's deviation is a quarter of the latent's.
 */
export function usualJitter(distribution: LatentDistribution): number {
  return distribution === 'normal' ? 0.25 * Math.sqrt(3) : 0.25;
}

/**
 * A 3x3 grid of latents, row by row: `z` in the middle, and eight neighbours with uniform noise of ±`scale` from `seed`, as in the paper's
 * figure 7. Throws RangeError for an invalid scale.
 */
export function jittered(z: Latent, scale: number, seed = 1): Latent[] {
  if (!Number.isFinite(scale) || scale < 0)
    throw new RangeError(`jitter: got ${scale}, expected a number from 0`);
  const random = new LatentRandom(seed);
  return Array.from({ length: 9 }, (_, i) =>
    i === 4 ? z : z.map((value) => value + scale * (2 * random.uniform() - 1)),
  );
}
