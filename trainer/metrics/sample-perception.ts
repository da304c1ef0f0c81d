// Mean perceptual distances: between random pairs of one set (its diversity), and between images of A and B of the
// same name (pairs).
import { lengthOf } from '../../runtime-web/format/image-shape.ts';
import { basename } from 'node:path';
import { Permutation } from '../../runtime-web/format/training/permutation.ts';
import { UserError } from '../errors.ts';
import { held } from '../held.ts';
import type { FeatureNetwork, ImageBatch } from './feature-network.ts';
import type { ImageSet, ImageSetFacts } from './image-set.ts';
import type { MeasuredSet, Metric } from './metric.ts';
import { meanOf, pairText, type PairMean } from './pair-mean.ts';
import { openNamedImages, type NamedImages } from './named-images.ts';
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
    about:
      'mean perceptual distance between images of A and B of the same name, or the same seed of two models',
  },
  needsLayers: true,
  async check(a, b, signal) {
    const sideOf = ({ path, opened }: ImageSetFacts): Side => ({
      kind: opened === null ? 'data' : 'model',
      name: opened?.model.name ?? basename(path),
      // Their names alone are read.
      openNamed:
        opened === null ? () => openNamedImages(path, { width: 1, height: 1, channels: 3, signal }) : null,
    });
    await (await openPartners(sideOf(a), sideOf(b)))?.close();
  },
  async measure(measuring) {
    const { signal, onProgress, seed } = measuring;
    await using opened = held(await pairedSets(measuring.a.set, measuring.b.set, measuring.most, seed));
    const { a, b, count } = opened;
    const pairs = await pairDistances(measuring, a, b, count, signal, (done, total) =>
      onProgress('pairs', done, total),
    );
    return { figures: { pairs }, rows: [['perceptual distance of pairs', pairText(pairs)]] };
  },
};

/** Sets whose n-th images are pairs; `count` is their number. */
interface PairedSets {
  readonly a: ImageSet;
  readonly b: ImageSet;
  readonly count: number;
  close(): Promise<void>;
}

/** The part of a set that decides its partners. */
type Side = Pick<ImageSet, 'kind' | 'name' | 'openNamed'>;

/** Images of two sets of data with the same names. */
interface Partners {
  readonly ofA: NamedImages;
  readonly ofB: NamedImages;
  close(): Promise<void>;
}

/** The images of two sets of data by name; null for two models. Throws UserError for an image without a partner, and for other sets. */
async function openPartners(a: Side, b: Side): Promise<Partners | null> {
  if (a.kind === 'model' && b.kind === 'model') return null;
  if (a.openNamed === null || b.openNamed === null) {
    const [model, data] = a.kind === 'model' ? [a, b] : [b, a];
    throw new UserError(
      `--pairs: ${model.name} is a model, whose images have no names, and ${data.name} are data; pairs need two sets of files with the same names, or two models`,
    );
  }
  const ofA = await a.openNamed();
  const ofB = await b.openNamed().catch(async (error: unknown) => {
    await ofA.close();
    throw error;
  });
  const close = async (): Promise<void> => {
    await ofA.close();
    await ofB.close();
  };
  try {
    checkPartners(a.name, ofA.names, b.name, ofB.names);
    checkPartners(b.name, ofB.names, a.name, ofA.names);
  } catch (error) {
    await close();
    throw error;
  }
  return { ofA, ofB, close };
}

/** Models are paired by seed, data by name; of more than `most` pairs a random part. Throws UserError as {@link openPartners} does. */
async function pairedSets(a: ImageSet, b: ImageSet, most: number, seed: number): Promise<PairedSets> {
  const partners = await openPartners(a, b);
  if (partners === null) return { a, b, count: most, close: async () => undefined };
  const { ofA, ofB, close } = partners;
  const { names } = ofA;
  const order = new Permutation(names.length, [seed, 0x5eed]);
  const ordered = (set: ImageSet, images: NamedImages): ImageSet => ({
    ...set,
    async read(first, number) {
      const pixels = new Uint8Array(number * lengthOf(set));
      for (let i = 0; i < number; i++) {
        pixels.set(await images.read(names[order.at(first + i)]!), (i * pixels.length) / number);
      }
      return pixels;
    },
  });
  return { a: ordered(a, ofA), b: ordered(b, ofB), count: Math.min(most, names.length), close };
}

function checkPartners(
  set: string,
  names: readonly string[],
  otherSet: string,
  others: readonly string[],
): void {
  const there = new Set(others);
  const alone = names.filter((name) => !there.has(name));
  if (alone.length === 0) return;
  const some = alone.slice(0, 3).join(', ') + (alone.length > 3 ? ', …' : '');
  throw new UserError(
    `--pairs: ${alone.length} of the ${names.length} images of ${set} have no partner in ${otherSet}: ${some}; ` +
      `pairs go by name without its ending, so rename them or leave them out`,
  );
}

async function layersOf(
  network: FeatureNetwork,
  set: ImageSet,
  first: number,
  count: number,
): Promise<readonly LayerTaps[]> {
  const { width, height, channels } = set;
  const shape: ImageBatch = { count, width, height, channels };
  return (await network.extract(await set.read(first, count), shape, { layers: true })).layers;
}
