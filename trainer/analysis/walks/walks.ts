// The latents of walks from stop to stop: rows of a strip, as in figure 4 of Radford 2016, and the frames of a film.
import { between, type Latent, type Path } from '../../../runtime-web/format/latents.ts';
import { latentFromSeed } from '../../../runtime-web/format/random.ts';
import type { Model } from '../../../runtime-web/format/model.ts';

/** How to walk. */
export interface WalkSettings {
  /** Pictures from stop to stop, both included. */
  readonly steps: number;
  readonly path: Path;
}

/** A row of `steps` latents for each stage of a walk through the seeds' latents. */
export function stripRows(
  { latent }: Pick<Model, 'latent'>,
  seeds: readonly number[],
  { steps, path }: WalkSettings,
): Latent[][] {
  const stops = seeds.map((seed) => latentFromSeed(seed, latent.dim, latent.distribution));
  return stops.slice(1).map((to, i) => between(stops[i]!, to, steps, path));
}

/**
 * The frames of a film: stage after stage, with a stop that ends one and begins the next shown once. A closed one goes from
 * the last stop back to the first, and ends a step before it, where it begins again.
 */
export function filmLatents(
  model: Pick<Model, 'latent'>,
  seeds: readonly number[],
  settings: WalkSettings,
  isClosed: boolean,
): Latent[] {
  const rows = stripRows(model, isClosed ? [...seeds, seeds[0]!] : seeds, settings);
  return rows.flatMap((row, i) => (isClosed || i < rows.length - 1 ? row.slice(0, -1) : row));
}
