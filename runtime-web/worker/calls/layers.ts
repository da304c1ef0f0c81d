// What each layer gives for one image. With restoring, code that few pages need: see extras.ts.
import type { LayerActivation, LayersOfRequest } from '../../protocol.ts';
import type { LoadedModel } from '../loaded-model.ts';
import { masksFor } from './masks.ts';

/** The layers, from the smallest up. */
export async function layersOf(
  loaded: LoadedModel,
  { z, condition, masks = {} }: Pick<LayersOfRequest, 'z' | 'condition' | 'masks'>,
): Promise<LayerActivation[]> {
  const outputs = await loaded.run({ ...loaded.feeds(z, condition), ...masksFor(loaded, masks)(1) });
  const layers = Object.entries(outputs).map(([name, { dims, data }]) => {
    const [, size, , channels] = dims as [number, number, number, number];
    return { name, size, channels, data: new Float32Array(data) };
  });
  return layers.sort((a, b) => a.size - b.size || Number(a.name === 'images') - Number(b.name === 'images'));
}
