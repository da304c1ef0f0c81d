// Draws from a model package with onnxruntime-node, one image at a time: a latent's picture does not depend on which others it is
// drawn with.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { conditionFor, type Wanted } from '../../runtime-web/format/condition.ts';
import { UserError } from '../errors.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import { openNativeGenerator, type NativeGenerator } from './native-generator.ts';
import type { ModelPackage } from './read-package.ts';

/** Opens a package's generator; whoever opens it disposes of it. Throws UserError for a file that ONNX Runtime refuses. */
export async function openPackageGenerator({
  folder,
  model,
  readFile,
}: ModelPackage): Promise<NativeGenerator> {
  const { latent, conditioning, files } = model;
  return openNativeGenerator(await readFile('generator'), {
    latentDim: latent.dim,
    conditioning,
    threads: availableParallelism(),
  }).catch((error: Error) => {
    throw new UserError(`${join(folder, files.generator.file)}: cannot be run: ${error.message}`);
  });
}

/** Throws UserError for a package whose generator takes labels or codes, in the words of what cannot be done with one. */
export function refuseConditional(
  { folder, model }: Pick<ModelPackage, 'folder' | 'model'>,
  what: string,
): void {
  const { conditioning } = model;
  if (conditioning === null) return;
  throw new UserError(
    `${folder}: its generator takes ${conditioning.kind} beside z, and ${what} only works without; ` +
      'give a model that was trained with --condition none',
  );
}

/** What else is asked of pictures of latents. */
export interface DrawWanted extends Wanted {
  /** The turn of each latent's picture (see `conditionFor`): its seed, say. Default: all have the first turn. */
  readonly turns?: readonly number[];
}

/**
 * The images [1, size, size, channels] of latents [dim], in order; with the labels or codes that are wanted. Throws UserError for a package that cannot be drawn
 * from; the signal's reason when aborted.
 */
export async function* drawLatents(
  opened: ModelPackage,
  latents: Iterable<Float32Array>,
  signal: AbortSignal,
  { turns = [], ...wanted }: DrawWanted = {},
): AsyncGenerator<HostTensor> {
  const { folder, model } = opened;
  const { imageSize, channels, files } = model;
  const generator = await openPackageGenerator(opened);
  try {
    let drawn = 0;
    for (const latent of latents) {
      signal.throwIfAborted();
      const condition = conditionFor(model, wanted, [turns[drawn++] ?? 0]);
      const images = await generator.draw(latent, condition);
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
