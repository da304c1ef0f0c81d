// Generates images of latents from a model package with onnxruntime-node: one at a time, so that an image does not
// depend on the others in its batch.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { conditionFor, type Wanted } from '../../runtime-web/format/condition.ts';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import { UserError } from '../errors.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import { openNativeGenerator, type NativeGenerator } from './native-generator.ts';
import type { ModelPackage } from './read-package.ts';
import { held } from '../held.ts';

/** Opens a package's generator; dispose of it. Throws UserError for a file that ONNX Runtime cannot run. */
export async function openPackageGenerator(
  { folder, model, readFile }: ModelPackage,
  threads = availableParallelism(),
): Promise<NativeGenerator> {
  const { latent, conditioning, width, height, channels, files } = model;
  const refuse = (error: Error): never => {
    const reason = error.message.split('\n')[0];
    throw new UserError(`${join(folder, files.generator.file)}: cannot be run: ${reason}`);
  };
  const generator = await openNativeGenerator(await readFile('generator'), {
    latentDim: latent.dim,
    conditioning,
    image: [height, width, channels],
    threads,
  }).catch(refuse);
  return { ...generator, draw: (z, condition) => generator.draw(z, condition).catch(refuse) };
}

/** Throws UserError for a package whose generator takes a condition; `what` names the operation that does not support them. */
export function refuseConditional(
  { folder, model }: Pick<ModelPackage, 'folder' | 'model'>,
  what: string,
): void {
  const { conditioning } = model;
  if (conditioning === null) return;
  throw new UserError(
    `${folder}: its generator takes ${conditioning.kind} beside z, and ${what} only works without; ` +
      `give a model that was trained with --condition none${instead(conditioning)}`,
  );
}

/** The end of a refusal for a model of attributes or numbers, which chooses them instead of finding them in z; empty for others. */
export function instead(conditioning: Conditioning): string {
  if (conditioning?.kind !== 'attributes' && conditioning?.kind !== 'numbers') return '';
  return `, or choose its ${conditioning.kind} by name with sample --where`;
}

/** Options of {@link drawLatents}. */
export interface DrawWanted extends Wanted {
  /** Conditioning index of each latent (see `conditionFor`), such as its seed. Default: 0 for all. */
  readonly conditionIndices?: readonly number[];
}

/**
 * The images [1, size, size, channels] of latents [dim], in order, with the given labels or codes. Throws UserError for a package
 * that cannot be run; the signal's reason when aborted.
 */
export async function* drawLatents(
  opened: ModelPackage,
  latents: Iterable<Float32Array>,
  signal: AbortSignal,
  { conditionIndices = [], ...wanted }: DrawWanted = {},
): AsyncGenerator<HostTensor> {
  const { folder, model } = opened;
  const { width, height, channels, files } = model;
  await using generator = held(await openPackageGenerator(opened));
  let drawn = 0;
  for (const latent of latents) {
    signal.throwIfAborted();
    const condition = conditionFor(model, wanted, [conditionIndices[drawn++] ?? 0]);
    const images = await generator.draw(latent, condition);
    const expected = [1, height, width, channels];
    if (images.shape.join() !== expected.join()) {
      const place = join(folder, files.generator.file);
      throw new UserError(`${place}: draws [${images.shape}], expected [${expected}] by its model.json`);
    }
    yield images;
  }
}
