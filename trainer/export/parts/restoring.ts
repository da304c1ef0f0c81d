// The restoring step as an ONNX file, generator, discriminator, gradient and Adam in one: what `dcgan restore` repeats here,
// a page can repeat there. Recorded at two batch sizes and lowered with the batch as a symbol; weights in half precision.
import type { NamedHostTensors, NamedTensors } from '../../engine/engine.ts';
import { parameter } from '../../networks/network.ts';
import { restoringStep, type RestoringNetworks } from '../../restoring/restoring-step.ts';
import type { TensorSpec } from '../../graph/trace/graph.ts';
import { encodeNetwork } from '../onnx-network.ts';

/** What a restoring file is made with. */
export interface RestoringFileOptions {
  /** The graph's name in the file. */
  readonly name: string;
  readonly latentDim: number;
  readonly imageSize: number;
  readonly channels: number;
  /** Key-value pairs for the file's metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The inputs that the next step takes from this one's outputs. */
export const carriedOn = { z: 'nextZ', first: 'nextFirst', second: 'nextSecond' } as const;

/** The parameters of both networks. */
export function restoringParameters({ generator, discriminator }: RestoringNetworks): NamedHostTensors {
  return { ...generator.parameters, ...discriminator.parameters };
}

/** The inputs of a step for so many pictures, beside the parameters. */
export function restoringInputs(
  count: number,
  { latentDim, imageSize, channels }: Omit<RestoringFileOptions, 'name' | 'metadata'>,
): Readonly<Record<string, TensorSpec>> {
  const float = (...shape: number[]): TensorSpec => ({ shape, dtype: 'float32' });
  return {
    z: float(count, latentDim),
    first: float(count, latentDim),
    second: float(count, latentDim),
    update: float(),
    rate: float(),
    image: float(count, imageSize, imageSize, channels),
    weights: float(count, imageSize, imageSize, 1),
    colour: float(),
    luminance: float(),
    realism: float(),
    typical: float(),
  };
}

/** The step with its inputs and outputs under the file's names. */
export function namedStep(
  networks: RestoringNetworks,
  parameters: NamedTensors,
  inputs: NamedTensors,
): NamedTensors {
  const get = (name: string): NamedTensors[string] => parameter(inputs, name);
  const next = restoringStep(networks, parameters, {
    z: get('z'),
    first: get('first'),
    second: get('second'),
    update: get('update'),
    rate: get('rate'),
    target: get('image'),
    weights: get('weights'),
    terms: {
      colour: get('colour'),
      luminance: get('luminance'),
      realism: get('realism'),
      typical: get('typical'),
    },
  });
  return {
    [carriedOn.z]: next.z,
    [carriedOn.first]: next.first,
    [carriedOn.second]: next.second,
    loss: next.loss,
    images: next.images,
  };
}

/**
 * The bytes of `restoring.onnx`, one update of latents: `z`, `first` and `second` [n, latentDim] with `update` and `rate`,
 * `image` [n, size, size, channels] in [-1, 1], `weights` [n, size, size, 1], and the terms' weights `colour`, `luminance`,
 * `realism`, `typical` (scalars) → `nextZ`, `nextFirst`, `nextSecond`, and of the latents that came in `loss` [n] and
 * `images` [n, size, size, channels]; float32 all. Throws Error where it cannot be recorded or lowered.
 */
export function encodeRestoring(networks: RestoringNetworks, options: RestoringFileOptions): Uint8Array {
  const { name, metadata = {} } = options;
  return encodeNetwork({
    name,
    parameters: restoringParameters(networks),
    inputsAt: (batch) => restoringInputs(batch, options),
    compute: (parameters, inputs) => namedStep(networks, parameters, inputs),
    isHalf: true,
    metadata,
  });
}
