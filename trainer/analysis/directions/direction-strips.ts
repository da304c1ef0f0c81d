// The strips that show a direction's effect: in each row one image is moved along it, from one end of the demo's slider to the
// other.
import type { Latent } from '../../../runtime-web/format/latents.ts';
import type { Direction, Model } from '../../../runtime-web/format/model.ts';
import { latentFromSeed } from '../../../runtime-web/format/random.ts';

/** Positions along the direction, in units of its length; the unchanged image is in the middle. */
export const stripAmounts = [-1.5, -1, -0.5, 0, 0.5, 1, 1.5] as const;
/** Seeds of the images, one per row. */
export const stripSeeds = [0, 1, 2, 3] as const;

/** The latents of a direction's strip, row by row. */
export function stripLatents({ latent }: Pick<Model, 'latent'>, { vector }: Direction): Latent[] {
  return stripSeeds.flatMap((seed) => {
    const z = latentFromSeed(seed, latent.dim, latent.distribution);
    return stripAmounts.map((amount) => z.map((value, i) => value + amount * vector[i]!));
  });
}
