// The layers() call, worker side: the output of every layer for one image.
import type { Masks } from '../../protocol.ts';
import type { LoadedModel } from '../loaded-model.ts';
import { masksFor } from './masks.ts';

/** One latent [dim] and its condition [columns]. */
interface LayersWork {
  readonly z: Float32Array<ArrayBuffer>;
  readonly condition: Float32Array<ArrayBuffer> | null;
  readonly masks: Masks | undefined;
}

/** The output of one layer for one image: [size, size, channels]. */
export interface LayerActivation {
  /** `generator/block1`, …, `images`. */
  readonly name: string;
  readonly size: number;
  readonly channels: number;
  readonly data: Float32Array<ArrayBuffer>;
}

/** The layers' outputs, from the smallest layer to the largest; the image itself comes last. */
export async function layers(
  loaded: LoadedModel,
  { z, condition, masks = {} }: LayersWork,
): Promise<LayerActivation[]> {
  const outputs = await loaded.run({ ...loaded.feeds(z, condition), ...masksFor(loaded, masks)(1) });
  const found = Object.entries(outputs).map(([name, { dims, data }]) => {
    const [, size, , channels] = dims as [number, number, number, number];
    return { name, size, channels, data: new Float32Array(data) };
  });
  return found.sort((a, b) => a.size - b.size || Number(a.name === 'images') - Number(b.name === 'images'));
}
