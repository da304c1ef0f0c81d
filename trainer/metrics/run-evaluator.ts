// Evaluation during training: figures of `dcgan evaluate` for a run's samples against its real images. Seeds and images stay the
// same, so the figures of one run are comparable, and nothing that training computes with is changed.
import { lengthOf, type ImageShape } from '../../runtime-web/format/image-shape.ts';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import { imageShape } from '../config/image-size.ts';
import type { TrainConfig } from '../config/fields.ts';
import type { Dataset } from '../data/dataset.ts';
import { UserError } from '../errors.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import { toByte } from '../pictures/pixels.ts';
import { conditionMix, type ConditionMix } from './condition-mix.ts';
import type { Evaluation } from './evaluation.ts';
import { networkLabel, openFeatureNetwork } from './feature-network.ts';
import { frechetDistance, tooFewFor } from './frechet.ts';
import { gatherFeatures, type SetFeatures } from './gather-features.ts';
import { dataImages, type ImageSet } from './image-set.ts';
import { kernelDistance } from './kernel-distance.ts';
import { defaultNeighbours, precisionRecall } from './precision-recall.ts';
import { openProducts } from './products.ts';
import { modelLabels } from './set-labels.ts';

/**
 * Draws the images of `firstSeed` and the next seeds, [n, h, w, c]; `mix` gives their classes or codes, without it these take turns.
 */
export type DrawSamples = (firstSeed: number, mix?: ConditionMix | null) => Promise<HostTensor>;

/** Measures samples of a run. Close it after use. */
export interface Evaluator {
  /** The fewest images that an evaluation needs: a covariance needs more images than features. */
  readonly least: number;
  /** The most images: what the configuration asks for and the data have. */
  readonly most: number;
  /** The number of images that evaluations are prepared for; null before {@link prepare}. */
  readonly prepared: number | null;
  /** The feature network, as in {@link Evaluation}. */
  readonly network: string;
  /** Measures the seconds that drawing a sample and extracting its features take. */
  secondsPerImage(draw: DrawSamples, signal: AbortSignal): Promise<number>;
  /**
   * Prepares evaluations of `count` images: the real ones' features. Resolves to the seconds of one evaluation that are not spent on
   * its samples. Throws UserError for fewer than {@link least}.
   */
  prepare(count: number, signal: AbortSignal): Promise<number>;
  /** The figures of a run's samples; null when aborted. Call {@link prepare} first. */
  measure(draw: DrawSamples, signal: AbortSignal): Promise<Evaluation | null>;
  close(): Promise<void>;
}

/** Samples whose features are extracted to learn their cost, after as many that are not timed. */
const trialImages = 50;

/** Opens the evaluator of a configuration. Throws UserError for a network that cannot be used. */
export async function openEvaluator(
  config: TrainConfig,
  dataset: Dataset,
  conditioning: Conditioning,
): Promise<Evaluator> {
  const { evaluateCount, evaluateNetwork } = config;
  const network = await openFeatureNetwork(evaluateNetwork);
  const products = await openProducts();
  const label = networkLabel(network, { isFrechet: true });
  const set = dataImages(dataset, 0);
  const mix = await conditionMix(conditioning, set.labels, set.available);
  const samples = (draw: DrawSamples): ImageSet => drawnImages(draw, conditioning, mix, imageShape(config));
  let real: SetFeatures | null = null;
  const figures = async (drawn: SetFeatures, of: SetFeatures): Promise<Evaluation> => {
    const { kid } = await kernelDistance(products, drawn.rows, of.rows);
    const { precision, recall } = await precisionRecall(products, drawn.rows, of.rows);
    const frechet = await frechetDistance(products, drawn.moments, of.moments);
    return { frechet, kid, precision, recall, network: label, images: of.moments.count };
  };
  return {
    least: Math.max(network.dim, defaultNeighbours) + 1,
    most: Math.min(evaluateCount, dataset.count),
    get prepared() {
      return real?.moments.count ?? null;
    },
    network: label,
    async secondsPerImage(draw, signal) {
      const trial = { network, set: samples(draw), count: trialImages, signal };
      await gatherFeatures({ ...trial, first: 0 });
      const begun = performance.now();
      await gatherFeatures({ ...trial, first: trialImages });
      return (performance.now() - begun) / 1000 / trialImages;
    },
    async prepare(count, signal) {
      const few = tooFewFor(network, [{ count }]);
      if (few !== null || count <= defaultNeighbours) {
        const why = few ?? `${count} images; precision and recall need at least ${defaultNeighbours + 1}`;
        throw new UserError(
          `--evaluate-every: data ${dataset.name}: ${why.replace('--count', '--evaluate-count')}`,
        );
      }
      real = await gatherFeatures({ network, set, first: 0, count, isCached: true, signal });
      await figures(real, real);
      const begun = performance.now();
      await figures(real, real);
      return (performance.now() - begun) / 1000;
    },
    async measure(draw, stop) {
      if (real === null)
        throw new RangeError('evaluator: got no images, expected prepare() before measure()');
      const { count } = real.moments;
      const measuring = gatherFeatures({ network, set: samples(draw), first: 0, count, signal: stop });
      // A stopped run must save its checkpoint, so it drops the figures instead of throwing.
      const drawn = await measuring.catch((error: unknown) => {
        if (stop.aborted) return null;
        throw error;
      });
      return drawn && figures(drawn, real);
    },
    async close() {
      await products.dispose();
      await network.dispose();
    },
  };
}

/** The images that `draw` makes, as bytes; image i is that of seed i. */
function drawnImages(
  draw: DrawSamples,
  conditioning: Conditioning,
  mix: ConditionMix | null,
  shape: ImageShape,
): ImageSet {
  const length = lengthOf(shape);
  let held: { readonly first: number; readonly images: HostTensor } | null = null;
  return {
    kind: 'model',
    name: 'samples',
    available: Infinity,
    ...shape,
    fingerprint: '',
    async read(first, number) {
      const pixels = new Uint8Array(number * length);
      for (let i = 0; i < number; i++) {
        const seed = first + i;
        const size = held?.images.shape[0] ?? 0;
        if (held === null || seed < held.first || seed >= held.first + size) {
          held = { first: seed, images: await draw(seed, mix) };
        }
        const from = (seed - held.first) * length;
        for (let k = 0; k < length; k++) pixels[i * length + k] = toByte(held.images.data[from + k]!);
      }
      return pixels;
    },
    labels: modelLabels({ conditioning }, mix, 0),
    mix,
    openNamed: null,
    close: async () => undefined,
  };
}
