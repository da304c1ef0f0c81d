// Perceptual distances of a set's own images: between random pairs (how varied they are), between the pictures of two sets of the same
// number, and along a generator's paths (Karras 2018, section 4.1: how smoothly pictures change as the latent does).
import type { FeatureNetwork, ImageShape } from './feature-network.ts';
import type { ImageSet } from './image-set.ts';
import { perceptualDistance, type LayerTaps, type LayerWeights } from './perceptual-distance.ts';

/** A mean over pairs, and its standard error. */
export interface PairMean {
  readonly mean: number;
  readonly standardError: number;
  readonly pairs: number;
}

/** What a network sees, and how its layers count. */
export interface Perception {
  readonly network: FeatureNetwork;
  readonly weights: LayerWeights;
}

const batch = 32;

const meanOf = (values: readonly number[]): PairMean => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance =
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  return { mean, standardError: Math.sqrt(variance / values.length), pairs: values.length };
};

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

/** Mean distance of random pairs of a set's first `count` images: each with one other. Near 0 where all are one picture. */
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

async function layersOf(
  network: FeatureNetwork,
  set: ImageSet,
  first: number,
  count: number,
): Promise<readonly LayerTaps[]> {
  const shape: ImageShape = { count, imageSize: set.imageSize, channels: set.channels };
  return (await network.extract(await set.read(first, count), shape, { layers: true })).layers;
}
