// Perceptual path length (Karras 2018, section 4.1): how much pictures change for a small step on the way between two latents. A
// generator whose latent space is smooth changes evenly and little.
import { conditionFor } from '../../runtime-web/format/condition.ts';
import { mix, usualPath } from '../../runtime-web/format/latents.ts';
import type { Model } from '../../runtime-web/format/model.ts';
import type { Random } from '../../runtime-web/format/random.ts';
import type { NativeGenerator } from '../model-package/native-generator.ts';
import { perceptualDistance } from './perceptual-distance.ts';
import type { PairMean, Perception } from './sample-perception.ts';

/** What it is measured with. */
export interface PathLengthOptions extends Perception {
  readonly model: Model;
  readonly generator: NativeGenerator;
  readonly random: Random;
  /** Places on paths; default 1000. */
  readonly samples?: number;
  /** The step, as a share of the way; default 1e-3: with the paper's 1e-4, float32 rounds much of the difference away. */
  readonly step?: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

const batch = 32;

/**
 * The mean of distance / step² over places drawn at random on paths between random latents, without the lowest and the highest
 * hundredth, as the paper's code has it.
 */
export async function pathLength(options: PathLengthOptions): Promise<PairMean> {
  const { network, weights, model, generator, random, signal, onProgress } = options;
  const { samples = 1000, step = 1e-3 } = options;
  const { latent, imageSize, channels } = model;
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
    const turns = Array.from({ length: 2 * count }, (_, i) => first + (i % count));
    const drawn = await generator.draw(z, conditionFor(model, {}, turns));
    // Not rounded: the change over so small a step is less than a level.
    const pixels = Float32Array.from(drawn.data, (value) => (value + 1) * 127.5);
    const shape = { count: 2 * count, imageSize, channels };
    const { layers } = await network.extract(pixels, shape, { layers: true });
    for (let i = 0; i < count; i++) {
      values.push(perceptualDistance(layers, i, layers, count + i, weights) / step ** 2);
    }
    onProgress?.(first + count, samples);
  }
  values.sort((a, b) => a - b);
  const cut = Math.floor(values.length / 100);
  const kept = values.slice(cut, values.length - cut);
  const mean = kept.reduce((sum, value) => sum + value, 0) / kept.length;
  const variance = kept.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, kept.length - 1);
  return { mean, standardError: Math.sqrt(variance / kept.length), pairs: kept.length };
}
