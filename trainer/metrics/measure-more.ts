// Figures that are asked for by name, because they take longer or need more than two sets: how varied images are, how different pairs
// are, how even the way between latents is, and which real images the drawn ones are nearest to.
import sharp from 'sharp';
import { Random } from '../../runtime-web/format/random.ts';
import { UserError } from '../errors.ts';
import { openNativeGenerator } from '../model-package/native-generator.ts';
import type { ModelPackage } from '../model-package/read-package.ts';
import type { FindingPicture } from '../findings/findings.ts';
import { emptyGrid, placeImages } from '../pictures/grid.ts';
import type { FeatureNetwork } from './feature-network.ts';
import { gatherFeatures } from './gather-features.ts';
import type { ImageSet } from './image-set.ts';
import { nearestImages, type Neighbours } from './nearest.ts';
import { pathLength } from './path-length.ts';
import type { LayerWeights } from './perceptual-distance.ts';
import { openProducts } from './products.ts';
import { diversity, pairDistances, type PairMean } from './sample-perception.ts';

/** The figures; null where they were not asked for. */
export interface MoreFigures {
  readonly diversity: PairMean | null;
  readonly diversityOfB: PairMean | null;
  readonly pairs: PairMean | null;
  readonly pathLength: PairMean | null;
  readonly nearestRatio: number | null;
  readonly pictures: readonly FindingPicture[];
}

/** What is asked for, of which images. */
export interface MoreOptions {
  readonly network: FeatureNetwork;
  /** Null: every channel counts the same. */
  readonly weights: LayerWeights | null;
  readonly a: ImageSet;
  readonly b: ImageSet;
  readonly parts: { readonly countA: number; readonly countB: number; readonly firstB: number };
  readonly seed: number;
  readonly wants: {
    readonly diversity: boolean;
    readonly pairs: boolean;
    readonly pathLength: ModelPackage | null;
    readonly neighbours: number;
  };
  readonly signal: AbortSignal;
  readonly onProgress: (job: string, done: number, total: number) => void;
}

/** Pairs that diversity is told by. */
const diversityPairs = 1000;
/** Images whose neighbours are looked for: the work grows with their number times B's. */
const mostSearched = 1000;
const among = 4;

/** Measures what is wanted. Throws UserError for pairs of sets of unequal size, the signal's reason when aborted. */
export async function measureMore(options: MoreOptions): Promise<MoreFigures> {
  const { network, a, b, parts, wants, signal, onProgress } = options;
  const weights = options.weights ?? network.sidecar.outputs.layers.map(() => null);
  const perception = { network, weights };
  const told = (job: string) => (done: number, total: number) => onProgress(job, done, total);
  const varied = async (set: ImageSet, count: number): Promise<PairMean | null> =>
    wants.diversity
      ? diversity(
          perception,
          set,
          Math.min(2 * diversityPairs, count),
          signal,
          told(`diversity of ${set.name}`),
        )
      : null;
  let pairs: PairMean | null = null;
  if (wants.pairs) {
    if (a.available !== b.available && Number.isFinite(a.available) && Number.isFinite(b.available)) {
      throw new UserError(
        `--pairs: ${a.name} has ${a.available} images and ${b.name} ${b.available}; pairs need as many`,
      );
    }
    pairs = await pairDistances(
      perception,
      a,
      b,
      Math.min(parts.countA, parts.countB),
      signal,
      told('pairs'),
    );
  }
  let path: PairMean | null = null;
  if (wants.pathLength !== null) {
    const { model, readFile } = wants.pathLength;
    const generator = await openNativeGenerator(await readFile('generator'), {
      latentDim: model.latent.dim,
      conditioning: model.conditioning,
      threads: 2,
    });
    const random = new Random(options.seed);
    path = await pathLength({
      ...perception,
      model,
      generator,
      random,
      signal,
      onProgress: told('paths'),
    }).finally(() => generator.dispose());
  }
  const nearest = wants.neighbours > 0 ? await searchNearest(options) : null;
  return {
    diversity: await varied(a, parts.countA),
    diversityOfB: await varied(b, parts.countB),
    pairs,
    pathLength: path,
    nearestRatio: nearest?.nearestRatio ?? null,
    pictures: nearest === null ? [] : [await neighbourPicture(options, nearest.closest)],
  };
}

async function searchNearest({ network, a, b, parts, wants, signal }: MoreOptions) {
  const gather = (set: ImageSet, first: number, count: number) =>
    gatherFeatures({ network, set, first, count, isCached: set.kind === 'data', signal });
  const [ofA, ofB] = [
    await gather(a, 0, Math.min(parts.countA, mostSearched)),
    await gather(b, parts.firstB, parts.countB),
  ];
  const products = await openProducts();
  try {
    return await nearestImages(products, ofA.rows, ofB.rows, { count: wants.neighbours, among });
  } finally {
    await products.dispose();
  }
}

/** A row for each image of A, and behind it those of B that are nearest. */
async function neighbourPicture(
  { a, b, parts }: MoreOptions,
  closest: readonly Neighbours[],
): Promise<FindingPicture> {
  const { imageSize, channels } = a;
  const grid = emptyGrid([closest.length * (among + 1), imageSize, imageSize, channels], among + 1);
  const put = async (set: ImageSet, index: number, place: number): Promise<void> => {
    const pixels = await set.read(index, 1);
    const data = Float32Array.from(pixels, (value) => value / 127.5 - 1);
    placeImages(grid, { shape: [1, imageSize, imageSize, channels], dtype: 'float32', data }, place);
  };
  for (const [row, { image, nearest }] of closest.entries()) {
    await put(a, image, row * (among + 1));
    for (const [k, { image: other }] of nearest.entries()) {
      await put(b, parts.firstB + other, row * (among + 1) + 1 + k);
    }
  }
  const { width, height, pixels } = grid;
  const content = await sharp(pixels, { raw: { width, height, channels } }).png().toBuffer();
  return {
    file: 'neighbours.png',
    content,
    caption: `First in each row an image of ${a.name}, then the ${among} of ${b.name} that are nearest to it in features: the ${closest.length} nearest pairs.`,
  };
}
