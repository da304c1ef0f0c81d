// The steer() call, worker side: one update by the package's steering step.
import type { LoadedModel } from '../loaded-model.ts';
import type { LatentState } from './latent-state.ts';

/** One update of one latent. */
interface SteerWork {
  readonly latents: LatentState;
  /** Number of the update, from 1. */
  readonly update: number;
  readonly rate: number;
  /** For each attribute: 1 adds it, -1 removes it, 0 preserves it. */
  readonly push: Float32Array<ArrayBuffer>;
  /** The predictions to preserve. */
  readonly start: Float32Array<ArrayBuffer>;
  /** Weight of the penalty on changed predictions. */
  readonly hold: number;
}

/** The updated latent; and, of the latent before the update, the image [size · size · channels] in [-1, 1] and the predictions. */
interface SteerResult {
  readonly latents: LatentState;
  readonly image: Float32Array<ArrayBuffer>;
  readonly verdicts: Float32Array<ArrayBuffer>;
}

/** Makes one update. */
export async function steerStep(
  loaded: LoadedModel,
  { latents, update, rate, push, start, hold }: SteerWork,
): Promise<SteerResult> {
  const { dim } = loaded.model.latent;
  const scalar = (value: number) => [Float32Array.of(value), []] as const;
  const outputs = await loaded.run({
    z: [latents.z, [1, dim]],
    first: [latents.first, [1, dim]],
    second: [latents.second, [1, dim]],
    update: scalar(update),
    rate: scalar(rate),
    push: [push, [1, push.length]],
    start: [start, [1, start.length]],
    hold: scalar(hold),
  });
  const floats = (name: string): Float32Array<ArrayBuffer> => Float32Array.from(outputs[name]!.data);
  return {
    latents: { z: floats('nextZ'), first: floats('nextFirst'), second: floats('nextSecond') },
    image: floats('images'),
    verdicts: floats('verdicts'),
  };
}
