// Unsupervised directions for `dcgan directions`, computed from the generator's ONNX file alone.
import { availableParallelism } from 'node:os';
import type { Direction } from '../../../runtime-web/format/model.ts';
import { Random } from '../../../runtime-web/format/random.ts';
import { firstActivations, readFirstLayer } from './first-layer.ts';
import {
  asPrincipalDirections,
  factorise,
  regressComponents,
  type PrincipalMethod,
} from './principal-directions.ts';
import { UserError } from '../../errors.ts';
import type { ModelPackage } from '../../model-package/read-package.ts';
import { held } from '../../held.ts';
import type { Job } from '../../job.ts';

/** Max number of float32 activations in memory: 1 GiB. */
const maxActivations = 2 ** 28;

/**
 * The directions in which the first layer's output varies most. Throws UserError if `count` exceeds the latent size, if the
 * activations do not fit into memory, or if the file's first layer is not one of this project's.
 */
export async function principalDirections(
  opened: ModelPackage,
  given: {
    readonly method: PrincipalMethod;
    readonly count: number;
    readonly samples: number;
    readonly seed: number;
  },
  say: (line: string) => void,
  context: Job,
): Promise<Direction[]> {
  const { signal } = context;
  const { method, samples, seed } = given;
  const { dim, distribution } = opened.model.latent;
  if (given.count > dim) {
    throw new UserError(`--count: got ${given.count}, expected ${dim} at most, as many as z has numbers`);
  }
  const { file } = opened.model.files.generator;
  const layer = readFirstLayer(await opened.readFile('generator'), dim, file);
  if (method === 'sefa') {
    say(`computing eigenvectors of the first layer's weights, ${dim} by ${layer.outputs}`);
    return asPrincipalDirections(factorise(layer.weights, dim, given.count), distribution);
  }
  if (samples * layer.outputs > maxActivations) {
    const maxSamples = Math.floor(maxActivations / layer.outputs);
    throw new UserError(
      `--samples: got ${samples}, expected ${maxSamples} at most, with ${layer.outputs} numbers each`,
    );
  }
  say(`computing the first layer's outputs for ${samples} samples, ${layer.outputs} numbers each`);
  const random = new Random(seed);
  const latents = random.fillLatent(new Float32Array(samples * dim), distribution);
  const threads = availableParallelism();
  const activations = await firstActivations(layer, latents, dim, { threads, signal });
  say('computing principal components');
  await using progress = held(context.progress('rounds'));
  const found = await regressComponents({
    activations,
    width: layer.outputs,
    latents,
    latentDim: dim,
    count: given.count,
    random,
    signal,
    onProgress: (done, total) => progress.show('components', done, total),
  });
  return asPrincipalDirections(found, distribution);
}
