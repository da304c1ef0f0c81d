// The layers() call, page side: the output of every generator layer for one image.
import type { CodeValue, Label } from '../format/condition.ts';
import type { Condition } from '../format/wanted-values.ts';
import type { LatentSource } from '../format/latents.ts';
import type { Masks } from '../protocol.ts';
import type { LayerActivation } from '../worker/calls/layers.ts';
import type { CallContext } from './call-context.ts';

/** The image whose layers are wanted. */
export interface LayersRequest {
  readonly source: LatentSource;
  readonly label?: Label | undefined;
  readonly codes?: readonly CodeValue[] | undefined;
  readonly condition?: string | Condition | undefined;
  readonly masks?: Masks | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The layers' outputs, from the smallest layer to the largest. */
export const layers =
  ({ model, latentOf, condition, ask }: CallContext) =>
  async ({ source, label, codes, condition: wanted, masks }: LayersRequest): Promise<LayerActivation[]> => {
    const z = latentOf(source);
    // The file with masks has every layer's output too.
    const { activations, masked } = model.files;
    const role = masks === undefined && (activations ?? masked) === activations ? 'activations' : 'masked';
    const second = await condition({ labels: label, codes, condition: wanted }, [source]);
    return ask(role, 'layers', { z, condition: second, masks });
  };
