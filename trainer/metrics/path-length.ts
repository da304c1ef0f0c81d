// Perceptual path length (Karras 2018, section 4.1): the change of images over a small step between two latents, low for a smooth
// latent space.
import { conditionFor } from '../../runtime-web/format/condition.ts';
import { mix, usualPath } from '../../runtime-web/format/latents.ts';
import type { Model } from '../../runtime-web/format/model.ts';
import { Random } from '../../runtime-web/format/random.ts';
import { held } from '../held.ts';
import { openPackageGenerator } from '../model-package/draw-latents.ts';
import { type NativeGenerator } from '../model-package/native-generator.ts';
import type { Metric } from './metric.ts';
import { meanOf, pairText, type PairMean } from './pair-mean.ts';
import type { ConditionMix } from './condition-mix.ts';
import { perceptualDistance } from './perceptual-distance.ts';
import type { Perception } from './sample-perception.ts';

/** The inputs of {@link pathLength}. */
export interface PathLengthOptions extends Perception {
  readonly model: Model;
  readonly generator: NativeGenerator;
  /** The classes or codes of the images; without it these take turns. */
  readonly conditions?: ConditionMix | null;
  readonly random: Random;
  /** Number of steps to measure. Default 1000. */
  readonly samples?: number;
  /** The step as a fraction of the path. Default 1e-3: with the paper's 1e-4, float32 rounds much of the difference away. */
  readonly step?: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

const batch = 32;

/** Mean of distance / step² at random points between random latents, without the lowest and highest 1%, as in the paper's code. */
export async function pathLength(options: PathLengthOptions): Promise<PairMean> {
  const { network, weights, model, generator, random, signal, onProgress } = options;
  const { samples = 1000, step = 1e-3, conditions } = options;
  const { latent, width, height, channels } = model;
  const path = usualPath(latent.distribution);
  const values: number[] = [];
  for (let first = 0; first < samples; first += batch) {
    signal.throwIfAborted();
    const count = Math.min(batch, samples - first);
    const z = new Float32Array(2 * count * latent.dim);
    for (let i = 0; i < count; i++) {
      const [from, to] = [0, 1].map(() =>
        random.fillLatent(new Float32Array(latent.dim), latent.distribution),
      ) as [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>];
      const place = random.uniform();
      z.set(mix(from, to, place, path), i * latent.dim);
      z.set(mix(from, to, place + step, path), (count + i) * latent.dim);
    }
    // Both ends of a step have the same label or codes.
    const conditionIndices = Array.from({ length: 2 * count }, (_, i) => first + (i % count));
    const drawn = await generator.draw(
      z,
      conditionFor(model, conditions?.wantedOf(conditionIndices) ?? {}, conditionIndices),
    );
    // Not rounded to bytes: the change over so small a step is less than one level.
    const pixels = Float32Array.from(drawn.data, (value) => (value + 1) * 127.5);
    const shape = { count: 2 * count, width, height, channels };
    const { layers } = await network.extract(pixels, shape, { layers: true });
    for (let i = 0; i < count; i++) {
      values.push(perceptualDistance(layers, i, layers, count + i, weights) / step ** 2);
    }
    onProgress?.(first + count, samples);
  }
  values.sort((a, b) => a - b);
  const cut = Math.floor(values.length / 100);
  return meanOf(values.slice(cut, values.length - cut));
}

/** The row of the table. */
export const pathLengthMetric: Metric = {
  keys: ['pathLength'],
  flag: {
    usage: '--path-length',
    about: 'perceptual path length: how smoothly images change between latents; A must be a model',
  },
  needsLayers: true,
  needsModel: 'paths go between latents',
  async measure({ network, weights, a, model: opened, seed, signal, onProgress }) {
    const { model } = opened!;
    await using generator = held(await openPackageGenerator(opened!, 2));
    const length = await pathLength({
      ...{ network, weights, model, generator, signal },
      random: new Random(seed),
      conditions: a.set.mix,
      onProgress: (done, total) => onProgress('paths', done, total),
    });
    return { figures: { pathLength: length }, rows: [['perceptual path length', pairText(length)]] };
  },
};
