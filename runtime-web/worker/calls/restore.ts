// One update of restoring, in the worker: the package's step on ONNX Runtime, and the blending of what it draws. A chunk of its
// own, loaded when a page restores for the first time.
import { finished } from '../../format/restoring/finish.ts';
import type { RestoreStepRequest, RestoreStepResult } from '../../protocol.ts';
import type { LoadedModel } from '../loaded-model.ts';

/** Makes the update. */
export async function restoreStep(
  loaded: LoadedModel,
  { latents, count, degraded, weights, terms, update, rate, isShown }: RestoreStepRequest,
): Promise<RestoreStepResult> {
  const { side, channels, picture } = degraded;
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
    image: [repeated(picture), [count, side, side, channels]],
    weights: [repeated(weights), [count, side, side, 1]],
    colour: scalar(terms.colour),
    luminance: scalar(terms.luminance),
    realism: scalar(terms.realism),
    typical: scalar(terms.typical),
  });
  const floats = (name: string): Float32Array<ArrayBuffer> => Float32Array.from(outputs[name]!.data);
  const losses = floats('loss');
  const best = losses.indexOf(Math.min(...losses));
  const show = (): RestoreStepResult['pictures'] => {
    const drawn = floats('images').slice(best * picture.length, (best + 1) * picture.length);
    return { drawn, restored: finished(degraded, drawn) };
  };
  return {
    latents: { z: floats('nextZ'), first: floats('nextFirst'), second: floats('nextSecond') },
    losses,
    pictures: isShown && best >= 0 ? show() : null,
  };
}
