// The restoring step with inputs and outputs by name, as an ONNX file has them.
import { type ImageShape } from '../../runtime-web/format/image-shape.ts';
import type { NamedHostTensors, NamedTensors } from '../engine/engine.ts';
import type { TensorSpec } from '../graph/trace/graph.ts';
import { parameter } from '../networks/network.ts';
import { restoringStep, type RestoringNetworks } from './restoring-step.ts';

/** The sizes that determine the step's inputs. */
export interface RestoringShape extends ImageShape {
  readonly latentDim: number;
}

/** Inputs that each step takes from an output of the step before: input name → output name. */
export const restoringCarried = { z: 'nextZ', first: 'nextFirst', second: 'nextSecond' } as const;

/** The parameters of both networks. */
export function restoringParameters({ generator, discriminator }: RestoringNetworks): NamedHostTensors {
  return { ...generator.parameters, ...discriminator.parameters };
}

/** The inputs of a step for `count` images, besides the parameters. */
export function restoringInputs(
  count: number,
  { latentDim, width, height, channels }: RestoringShape,
): Readonly<Record<string, TensorSpec>> {
  const float = (...shape: number[]): TensorSpec => ({ shape, dtype: 'float32' });
  return {
    z: float(count, latentDim),
    first: float(count, latentDim),
    second: float(count, latentDim),
    update: float(),
    rate: float(),
    image: float(count, height, width, channels),
    weights: float(count, height, width, 1),
    colour: float(),
    luminance: float(),
    realism: float(),
    typical: float(),
  };
}

/**
 * One update by Adam. Inputs: `z` [n, dim] with Adam's moments `first` and `second`, scalars `update` (1 for the first) and `rate`,
 * the target `image` [n, height, width, channels] in [-1, 1], `weights` [n, height, width, 1] of its pixels, and scalar weights of the
 * loss terms `colour`, `luminance`, `realism` and `typical`. Outputs: `nextZ`, `nextFirst`, `nextSecond`, and, of the latents that
 * came in, `loss` [n] and `images` [n, height, width, channels]. All float32.
 */
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
    [restoringCarried.z]: next.z,
    [restoringCarried.first]: next.first,
    [restoringCarried.second]: next.second,
    loss: next.loss,
    images: next.images,
  };
}
