// Evaluation during training: the Fréchet distance of `dcgan evaluate` between a run's samples and its real images. Seeds and images
// stay the same, so the figures of one run are comparable.
import { conditioningOf } from '../config/conditioning.ts';
import type { TrainConfig } from '../config/fields.ts';
import type { Dataset } from '../data/dataset.ts';
import { UserError } from '../errors.ts';
import { openFeatureNetwork } from './feature-network.ts';
import { frechetDistance, tooFewFor } from './frechet.ts';
import { gatherFeatures } from './gather-features.ts';
import { conditionMix, type ConditionMix } from './condition-mix.ts';
import { dataImages, type ImageSet } from './image-set.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import { toByte } from '../pictures/pixels.ts';

/**
 * Draws the images of `firstSeed` and the next seeds, [n, h, w, c]; `mix` gives their classes or codes, without it these take turns.
 */
export type DrawSamples = (firstSeed: number, mix?: ConditionMix | null) => Promise<HostTensor>;

/** Measures samples of a run. Close it after use. */
export interface Evaluator {
  /** The distance of a run's samples; null when aborted. see {@link DrawSamples}. */
  frechet(draw: DrawSamples, signal: AbortSignal): Promise<number | null>;
  close(): Promise<void>;
}

/**
 * Opens the evaluator and measures the real images; null if `evaluateEvery` is null. Throws UserError for a network
 * that cannot be used, or too few images for it.
 */
export async function openEvaluator(
  config: TrainConfig,
  dataset: Dataset,
  signal: AbortSignal,
): Promise<Evaluator | null> {
  if (config.evaluateEvery === null) return null;
  const { evaluateCount, evaluateNetwork, imageSize, channels } = config;
  const network = await openFeatureNetwork(evaluateNetwork);
  try {
    const count = Math.min(evaluateCount, dataset.count);
    const few = tooFewFor(network, [{ count }]);
    if (few !== null)
      throw new UserError(
        `--evaluate-every: data ${dataset.name}: ${few.replace('--count', '--evaluate-count')}`,
      );
    const kept = 0;
    const set = dataImages(dataset, 0);
    const real = await gatherFeatures({
      network,
      set,
      first: 0,
      count,
      kept,
      isCached: true,
      signal,
    });
    const mix = conditionMix(conditioningOf(config, dataset.classNames), set.classes);
    return {
      async frechet(draw, stop) {
        let held: { readonly first: number; readonly images: HostTensor } | null = null;
        const samples: ImageSet = {
          kind: 'model',
          name: 'samples',
          available: Infinity,
          imageSize,
          channels,
          fingerprint: '',
          async read(first, number) {
            const length = imageSize * imageSize * channels;
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
          classes: null,
          mix,
          openNamed: null,
          close: async () => undefined,
        };
        const measuring = gatherFeatures({ network, set: samples, first: 0, count, kept, signal: stop });
        // A stopped run must save its checkpoint, so it drops the figure instead of throwing.
        const drawn = await measuring.catch((error: unknown) => {
          if (stop.aborted) return null;
          throw error;
        });
        if (drawn === null) return null;
        return frechetDistance(drawn.moments, real.moments);
      },
      close: () => network.dispose(),
    };
  } catch (error) {
    await network.dispose();
    throw error;
  }
}
