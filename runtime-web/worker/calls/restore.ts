// The restore() call, worker side: one update by the package's restoring step, and the blending of the generated image.
import { finished, type Degraded } from '../../format/restoring/finish.ts';
import type { TermWeights } from '../../format/restoring/task.ts';
import type { LoadedModel } from '../loaded-model.ts';
import type { LatentState } from './latent-state.ts';

/** One update of several latents for one degraded image. */
interface RestoreWork {
  readonly latents: LatentState;
  readonly count: number;
  readonly degraded: Degraded;
  /** Weight of each pixel, [height, width]. */
  readonly weights: Float32Array<ArrayBuffer>;
  readonly terms: TermWeights;
  /** Number of the update, from 1. */
  readonly update: number;
  readonly rate: number;
  /** True if the best latent's images are wanted. */
  readonly isShown: boolean;
}

/** The updated latents; and, of the latents before the update, the losses [count] and the best one's images [height, width, channels]. */
interface RestoreResult {
  readonly latents: LatentState;
  readonly losses: Float32Array<ArrayBuffer>;
  readonly pictures: {
    readonly drawn: Float32Array<ArrayBuffer>;
    readonly restored: Float32Array<ArrayBuffer>;
  } | null;
}

/** Makes one update. */
export async function restoreStep(
  loaded: LoadedModel,
  { latents, count, degraded, weights, terms, update, rate, isShown }: RestoreWork,
): Promise<RestoreResult> {
  const { width, height, channels, picture } = degraded;
  const { dim } = loaded.model.latent;
  const repeated = (values: Float32Array): Float32Array => {
    const all = new Float32Array(count * values.length);
    for (let i = 0; i < count; i++) all.set(values, i * values.length);
    return all;
  };
  const scalar = (value: number) => [Float32Array.of(value), []] as const;
  const outputs = await loaded.run({
    z: [latents.z, [count, dim]],
    first: [latents.first, [count, dim]],
    second: [latents.second, [count, dim]],
    update: scalar(update),
    rate: scalar(rate),
    image: [repeated(picture), [count, height, width, channels]],
    weights: [repeated(weights), [count, height, width, 1]],
    colour: scalar(terms.colour),
    luminance: scalar(terms.luminance),
    realism: scalar(terms.realism),
    typical: scalar(terms.typical),
  });
  const floats = (name: string): Float32Array<ArrayBuffer> => Float32Array.from(outputs[name]!.data);
  const losses = floats('loss');
  const best = losses.indexOf(Math.min(...losses));
  const show = (): RestoreResult['pictures'] => {
    const drawn = floats('images').slice(best * picture.length, (best + 1) * picture.length);
    return { drawn, restored: finished(degraded, drawn) };
  };
  return {
    latents: { z: floats('nextZ'), first: floats('nextFirst'), second: floats('nextSecond') },
    losses,
    pictures: isShown && best >= 0 ? show() : null,
  };
}
