// The latents of walks from keyframe to keyframe: rows of a strip, as in figure 4 of Radford 2016, and frames of an animation.
import { between, type Latent, type Path } from '../../../runtime-web/format/latents.ts';
import { latentFromSeed } from '../../../runtime-web/format/random.ts';
import type { Model } from '../../../runtime-web/format/model.ts';

/** Settings of a walk. */
export interface WalkSettings {
  /** Images from keyframe to keyframe, both included. */
  readonly steps: number;
  readonly path: Path;
}

/** A row of `steps` latents for each stage of a walk through the seeds' latents. */
export function stripRows(
  { latent }: Pick<Model, 'latent'>,
  seeds: readonly number[],
  { steps, path }: WalkSettings,
): Latent[][] {
  const keyframes = seeds.map((seed) => latentFromSeed(seed, latent.dim, latent.distribution));
  return keyframes.slice(1).map((to, i) => between(keyframes[i]!, to, steps, path));
}

/**
 * The frames of an animation, stage after stage; a keyframe between two stages occurs once. A closed walk returns from
 * the last keyframe to the first and ends one step before it, where it repeats.
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
