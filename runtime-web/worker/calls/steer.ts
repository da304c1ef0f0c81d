// One update of steering, in the worker: the package's step on ONNX Runtime.
import type { SteerStepRequest, SteerStepResult } from '../../protocol.ts';
import type { LoadedModel } from '../loaded-model.ts';

/** Makes the update. */
export async function steerStep(
  loaded: LoadedModel,
  { latents, update, rate, push, start, hold }: SteerStepRequest,
): Promise<SteerStepResult> {
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
