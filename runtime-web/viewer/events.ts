// The events of <dcgan-viewer>, with the type of their `detail`. The JSX types and the custom-elements manifest are derived from this
// interface; the manifest takes the doc comments as descriptions.
import type { Generator } from '../generator-calls.ts';
import type { LoadProgress } from '../protocol.ts';

/** Detail by event type. */
export interface ViewerEvents {
  /** Bytes of the model loaded: loaded, total, file */
  readonly progress: LoadProgress;
  /** The model is ready: model, device, warnings */
  readonly load: Pick<Generator, 'model' | 'device' | 'warnings'>;
  /** Another image is shown: its seed; in a grid all seeds, on a walk the two it lies between */
  readonly change: { readonly seeds: readonly number[] };
  /** Loading or generating failed, or an attribute is invalid: error */
  readonly error: { readonly error: Error };
}
