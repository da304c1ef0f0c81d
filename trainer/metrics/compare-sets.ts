// All distances between two sets of images that one network can tell, with everything that they depend on: a figure without
// its protocol is no figure.
import { Random } from '../../runtime-web/format/random.ts';
import { UserError } from '../errors.ts';
import { classScore } from './class-score.ts';
import type { FeatureNetwork } from './feature-network.ts';
import { frechetDistance } from './frechet.ts';
import { gatherFeatures } from './gather-features.ts';
import type { ImageSet } from './image-set.ts';
import { kernelDistance } from './kernel-distance.ts';
import { precisionRecall } from './precision-recall.ts';
import { openProducts } from './products.ts';

/** The figures; A is what is judged, B what it is judged by. */
export interface SetComparison {
  readonly frechet: number;
  readonly kid: number;
  readonly kidStandardError: number;
  /** Share of A that looks like B, and of B that A covers. */
  readonly precision: number;
  readonly recall: number;
  /** Of A; null for a network without logits. */
  readonly classScore: number | null;
  readonly classScoreDeviation: number | null;
  readonly network: string;
  readonly countA: number;
  readonly countB: number;
  readonly protocol: Readonly<Record<string, string | number | boolean>>;
}

/** Two sets and how they are compared. */
export interface CompareOptions {
  readonly network: FeatureNetwork;
  readonly a: ImageSet;
  readonly b: ImageSet;
  /** Images of each, at most. */
  readonly count: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (job: string, done: number, total: number) => void;
}

/** Features that precision and recall are told by, at most: their work grows with the square. */
const mostNeighbours = 10_000;

/**
 * How many images of each set are compared, and from which on. Data compared with themselves are cut into two halves that share
 * nothing, a model with itself goes by other seeds: what is left is the distance that chance makes.
 */
export function partsOf(
  a: ImageSet,
  b: ImageSet,
  count: number,
): { readonly countA: number; readonly countB: number; readonly firstB: number } {
  const isSame = a.fingerprint === b.fingerprint;
  if (!isSame) {
    return { countA: Math.min(count, a.available), countB: Math.min(count, b.available), firstB: 0 };
  }
  const half = Math.min(count, Math.floor(a.available / 2));
  return { countA: half, countB: half, firstB: half };
}

/** Throws UserError where there are too few images for a covariance of full rank. */
export function checkCounts(
  network: FeatureNetwork,
  sets: readonly { readonly name: string; readonly count: number }[],
): void {
  for (const { name, count } of sets) {
    if (count > network.dim) continue;
    throw new UserError(
      `${name}: ${count} images, and ${network.sidecar.name} gives ${network.dim} features: a covariance needs more images than ` +
        `features; give at least ${network.dim + 1}, by --count or more data, or a network with fewer features`,
    );
  }
}

/** Throws UserError for features that are the same for every image. */
function checkSpread(
  name: string,
  { covariance, dim }: { readonly covariance: Float64Array; readonly dim: number },
): void {
  for (let i = 0; i < dim; i++) if (covariance[i * dim + i]! > 0) return;
  throw new UserError(`${name}: every image has the same features; are the images all one?`);
}

/** Compares. Throws UserError for too few images, constant or infinite features, the signal's reason when aborted. */
export async function compareSets(options: CompareOptions): Promise<SetComparison> {
  const { network, a, b, count, seed, signal, onProgress = () => undefined } = options;
  const { countA, countB, firstB } = partsOf(a, b, count);
  checkCounts(network, [
    { name: a.name, count: countA },
    { name: b.name, count: countB },
  ]);
  const gather = (set: ImageSet, first: number, images: number) =>
    gatherFeatures({
      network,
      set,
      first,
      count: images,
      isCached: set.kind === 'data',
      signal,
      onProgress: (done, total) => onProgress(`looking at ${set.name}`, done, total),
    });
  const [featuresA, featuresB] = [await gather(a, 0, countA), await gather(b, firstB, countB)];
  checkSpread(a.name, featuresA.moments);
  checkSpread(b.name, featuresB.moments);
  const products = await openProducts();
  try {
    const random = new Random(seed);
    const kernel = await kernelDistance(products, featuresA.rows, featuresB.rows, { random });
    signal.throwIfAborted();
    const { precision, recall } = await precisionRecall(products, featuresA.rows, featuresB.rows);
    const score = featuresA.logits === null ? null : classScore(featuresA.logits, network.classes);
    const { input, name, sha256 } = network.sidecar;
    return {
      frechet: frechetDistance(featuresA.moments, featuresB.moments),
      kid: kernel.kid,
      kidStandardError: kernel.kidStandardError,
      precision,
      recall,
      classScore: score?.classScore ?? null,
      classScoreDeviation: score?.classScoreDeviation ?? null,
      network: name,
      countA,
      countB,
      protocol: {
        a: a.name,
        b: b.name,
        countA,
        countB,
        halvesOfOneSet: firstB > 0,
        network: name,
        networkSha256: sha256,
        features: network.dim,
        imageSize: a.imageSize,
        channels: a.channels,
        preprocessing: `bytes, ${input.resize} to ${input.size}x${input.size}, grey: ${input.grey}, range ${input.range.join(' to ')}`,
        kidSubsets: kernel.subsets,
        kidSubsetSize: kernel.subsetSize,
        neighbours: 3,
        neighbourImages: Math.min(mostNeighbours, countA, countB),
        seed,
      },
    };
  } finally {
    await products.dispose();
  }
}
