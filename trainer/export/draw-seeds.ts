// Draws seeds from a model package with onnxruntime-node, one image at a time: a seed's picture does not depend
// on which others it is drawn with.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { latentFromSeed } from '../../runtime-web/format/random.ts';
import { UserError } from '../errors.ts';
import type { HostTensor } from '../trace/graph.ts';
import { openNativeGenerator } from './native-generator.ts';
import type { ModelPackage } from './read-package.ts';

/**
 * The images [1, size, size, channels] of `seeds`, in order. Throws UserError for a package that cannot be drawn
 * from; the signal's reason when aborted.
 */
export async function* drawSeeds(
  { folder, model, readFile }: ModelPackage,
  seeds: Iterable<number>,
  signal: AbortSignal,
): AsyncGenerator<HostTensor> {
  const { imageSize, channels, latent, conditioning, files } = model;
  const place = join(folder, files.generator.file);
  if (conditioning !== null) {
    throw new UserError(
      `${folder}: the generator takes ${conditioning.kind}, which cannot be given here yet`,
    );
  }
  const generator = await openNativeGenerator(await readFile('generator'), {
    latentDim: latent.dim,
    threads: availableParallelism(),
  }).catch((error: Error) => {
    throw new UserError(`${place}: cannot be run: ${error.message}`);
  });
  try {
    for (const seed of seeds) {
      signal.throwIfAborted();
      const images = await generator.draw(latentFromSeed(seed, latent.dim, latent.distribution));
      const expected = [1, imageSize, imageSize, channels];
      if (images.shape.join() !== expected.join()) {
        throw new UserError(`${place}: draws [${images.shape}], expected [${expected}] by its model.json`);
      }
      yield images;
    }
  } finally {
    await generator.dispose();
  }
}
