// Generates the images of seeds from a model package: seed 42 gives the same image here and in every browser.
import type { Wanted } from '../../runtime-web/format/condition.ts';
import { latentFromSeed } from '../../runtime-web/format/random.ts';
import { truncate } from '../../runtime-web/format/truncate.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import { drawLatents } from './draw-latents.ts';
import { drawTruncated } from './draw-styles.ts';
import type { ModelPackage } from './read-package.ts';

/**
 * The images [1, size, size, channels] of `seeds`, in order. `truncation` is a factor: of the styles' distance from the mean style
 * if the model has styles, otherwise of the latents. Throws UserError for a package that cannot be run; the signal's reason when
 * aborted.
 */
export function drawSeeds(
  opened: ModelPackage,
  seeds: readonly number[],
  signal: AbortSignal,
  wanted: Wanted = {},
  truncation = 1,
): AsyncGenerator<HostTensor> {
  const { latent, styles } = opened.model;
  const isOfStyles = truncation !== 1 && styles !== null;
  const factor = isOfStyles ? 1 : truncation;
  const latents = (function* () {
    for (const seed of seeds) {
      const z = latentFromSeed(seed, latent.dim, latent.distribution);
      truncate(z, factor);
      yield z;
    }
  })();
  const options = { ...wanted, conditionIndices: seeds };
  return isOfStyles
    ? drawTruncated(opened, latents, truncation, signal, options)
    : drawLatents(opened, latents, signal, options);
}
