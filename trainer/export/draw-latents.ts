// Draws from a model package with onnxruntime-node, one image at a time: a latent's picture does not depend on which others it is
// drawn with.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import type { HostTensor } from '../trace/graph.ts';
import { openNativeGenerator, type NativeGenerator } from './native-generator.ts';
import type { ModelPackage } from './read-package.ts';

/**
 * Opens a package's generator; whoever opens it disposes of it. Throws UserError for a package that cannot be drawn
 * from, because it is conditional or because ONNX Runtime refuses its file.
 */
export async function openPackageGenerator({
  folder,
  model,
  readFile,
}: ModelPackage): Promise<NativeGenerator> {
  const { latent, conditioning, files } = model;
  if (conditioning !== null) {
    throw new UserError(
      `${folder}: the generator takes ${conditioning.kind}, which cannot be given here yet`,
    );
  }
  return openNativeGenerator(await readFile('generator'), {
    latentDim: latent.dim,
    threads: availableParallelism(),
  }).catch((error: Error) => {
    throw new UserError(`${join(folder, files.generator.file)}: cannot be run: ${error.message}`);
  });
}

/**
 * The images [1, size, size, channels] of latents [dim], in order. Throws UserError for a package that cannot be drawn
 * from; the signal's reason when aborted.
 */
export async function* drawLatents(
  opened: ModelPackage,
  latents: Iterable<Float32Array>,
  signal: AbortSignal,
): AsyncGenerator<HostTensor> {
  const { folder, model } = opened;
  const { imageSize, channels, files } = model;
  const generator = await openPackageGenerator(opened);
  try {
    for (const latent of latents) {
      signal.throwIfAborted();
      const images = await generator.draw(latent);
      const expected = [1, imageSize, imageSize, channels];
      if (images.shape.join() !== expected.join()) {
        const place = join(folder, files.generator.file);
        throw new UserError(`${place}: draws [${images.shape}], expected [${expected}] by its model.json`);
      }
      yield images;
    }
  } finally {
    await generator.dispose();
  }
}
