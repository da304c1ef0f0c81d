// Mean perceptual distances: between random pairs of one set (its diversity), and between the n-th images of A and B (pairs).
import { UserError } from '../errors.ts';
import type { FeatureNetwork, ImageShape } from './feature-network.ts';
import type { ImageSet } from './image-set.ts';
import type { MeasuredSet, Metric } from './metric.ts';
import { meanOf, pairText, type PairMean } from './pair-mean.ts';
import { perceptualDistance, type LayerTaps, type LayerWeights } from './perceptual-distance.ts';

/** A network and the weights of its layers. */
export interface Perception {
  readonly network: FeatureNetwork;
  readonly weights: LayerWeights;
}

const batch = 32;

/** Mean distance of image i of one set from image i of another, for the first `pairs` images. */
export async function pairDistances(
  { network, weights }: Perception,
  a: ImageSet,
  b: ImageSet,
  pairs: number,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<PairMean> {
  const values: number[] = [];
  for (let first = 0; first < pairs; first += batch) {
    signal.throwIfAborted();
    const count = Math.min(batch, pairs - first);
    const [x, y] = [await layersOf(network, a, first, count), await layersOf(network, b, first, count)];
    for (let i = 0; i < count; i++) values.push(perceptualDistance(x, i, y, i, weights));
    onProgress(first + count, pairs);
  }
  return meanOf(values);
}

/** Mean distance of random pairs of a set's first `count` images, each image in one pair. Near 0 if all images are the same. */
export async function diversity(
  perception: Perception,
  set: ImageSet,
  count: number,
  signal: AbortSignal,
  onProgress?: (done: number, total: number) => void,
): Promise<PairMean> {
  // Sets are in a random order: neighbours are random pairs.
  const half = Math.floor(count / 2);
  const second: ImageSet = { ...set, read: (first, number) => set.read(half + first, number) };
  return pairDistances(perception, set, second, half, signal, onProgress);
}

/** Max number of pairs for the diversity. */
const diversityPairs = 1000;

/** The table's row for the diversity. */
export const diversityMetric: Metric = {
  keys: ['diversity', 'diversityOfB'],
  flag: {
    usage: '--diversity',
    about: 'mean perceptual distance between random images of A, and of B (LPIPS)',
  },
  needsLayers: true,
  async measure(measuring) {
    const { a, b, signal, onProgress } = measuring;
    const varied = ({ set, count }: MeasuredSet): Promise<PairMean> =>
      diversity(measuring, set, Math.min(2 * diversityPairs, count), signal, (done, total) =>
        onProgress(`diversity of ${set.name}`, done, total),
      );
    const figures = { diversity: await varied(a), diversityOfB: await varied(b) };
    return {
      figures,
      rows: [
        ['diversity of A', pairText(figures.diversity)],
        ['diversity of B', pairText(figures.diversityOfB)],
      ],
    };
  },
};

/** The table's row for the pairs. */
export const pairsMetric: Metric = {
  keys: ['pairs'],
  flag: {
    usage: '--pairs',
    about: 'mean perceptual distance between the n-th image of A and the n-th of B, sorted by file name',
  },
  needsLayers: true,
  async measure(measuring) {
    const { signal, onProgress } = measuring;
    const [a, b] = [measuring.a.set, measuring.b.set];
    if (a.available !== b.available && Number.isFinite(a.available) && Number.isFinite(b.available)) {
      throw new UserError(
        `--pairs: ${a.name} has ${a.available} images and ${b.name} ${b.available}; pairs need as many`,
      );
    }
    const count = Math.min(measuring.a.count, measuring.b.count);
    const pairs = await pairDistances(measuring, a, b, count, signal, (done, total) =>
      onProgress('pairs', done, total),
    );
    return { figures: { pairs }, rows: [['perceptual distance of pairs', pairText(pairs)]] };
  },
};

async function layersOf(
  network: FeatureNetwork,
  set: ImageSet,
  first: number,
  count: number,
): Promise<readonly LayerTaps[]> {
  const shape: ImageShape = { count, imageSize: set.imageSize, channels: set.channels };
  return (await network.extract(await set.read(first, count), shape, { layers: true })).layers;
}
