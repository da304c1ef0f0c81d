// Draws the pictures of seeds from a model package: image 42 is the same picture here and in every browser.
import type { Wanted } from '../../runtime-web/format/condition.ts';
import { latentFromSeed } from '../../runtime-web/format/random.ts';
import type { HostTensor } from '../trace/graph.ts';
import { drawLatents } from './draw-latents.ts';
import type { ModelPackage } from './read-package.ts';

/**
 * The images [1, size, size, channels] of `seeds`, in order, with latents `truncation` times as long. Throws UserError for a package that cannot be drawn
 * from; the signal's reason when aborted.
 */
export function drawSeeds(
  opened: ModelPackage,
  seeds: readonly number[],
  signal: AbortSignal,
  wanted: Wanted = {},
  truncation = 1,
): AsyncGenerator<HostTensor> {
  const { dim, distribution } = opened.model.latent;
  const latents = (function* () {
    for (const seed of seeds)
      yield latentFromSeed(seed, dim, distribution).map((value) => truncation * value);
  })();
  return drawLatents(opened, latents, signal, { ...wanted, turns: seeds });
}
