// What each layer of a generator gives, in a page. A chunk of its own, loaded when a page asks for the first time.
import type { CodeValue, Label } from '../format/condition.ts';
import type { LatentSource } from '../format/latents.ts';
import type { LayerActivation, Masks } from '../protocol.ts';
import type { Surroundings } from './call-context.ts';

/** One image, whose way through the layers is asked for. */
export interface LayersRequest {
  readonly source: LatentSource;
  readonly label?: Label | undefined;
  readonly codes?: readonly CodeValue[] | undefined;
  readonly masks?: Masks | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The layers, from the smallest up. */
export async function layers(
  { source, label, codes, masks }: LayersRequest,
  { model, latentOf, condition, ask }: Surroundings,
): Promise<LayerActivation[]> {
  const z = latentOf(source);
  const turn = typeof source === 'number' ? source : 0;
  // The file with masks gives the layers too.
  const { activations, masked } = model.files;
  const role = masks === undefined && (activations ?? masked) === activations ? 'activations' : 'masked';
  return ask(role, 'layers', { z, condition: await condition({ labels: label, codes }, [turn]), masks });
}
