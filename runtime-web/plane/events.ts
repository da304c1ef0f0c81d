// The events of <dcgan-plane>, with the type of their `detail`. The custom-elements manifest takes the doc comments as descriptions.
import type { PanelFigures } from './panel.ts';

/** Detail by event type. */
export interface PlaneEvents {
  /** A new picture is shown: the figures of each method */
  readonly report: { readonly methods: readonly PanelFigures[] };
  /** Loading or training failed, or an attribute is invalid: error */
  readonly error: { readonly error: Error };
}
