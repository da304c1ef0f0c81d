// What a direction does, to be looked at: a few pictures moved along it, one to a row, from one end of the demo's slider to the other.
import type { Latent } from '../../../runtime-web/format/latents.ts';
import type { Direction, Model } from '../../../runtime-web/format/model.ts';
import { latentFromSeed } from '../../../runtime-web/format/random.ts';

/** How far along a direction the pictures of a row are, in its own length; the picture itself is in the middle. */
export const stripAmounts = [-1.5, -1, -0.5, 0, 0.5, 1, 1.5] as const;
/** The pictures that are moved, one to a row. */
export const stripSeeds = [0, 1, 2, 3] as const;

/** The latents of a direction's strip, row by row. */
export function stripLatents({ latent }: Pick<Model, 'latent'>, { vector }: Direction): Latent[] {
  return stripSeeds.flatMap((seed) => {
    const z = latentFromSeed(seed, latent.dim, latent.distribution);
    return stripAmounts.map((amount) => z.map((value, i) => value + amount * vector[i]!));
  });
}
