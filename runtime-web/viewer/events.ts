// The events of <dcgan-viewer>, with the type of their `detail`. The JSX types and the custom-elements manifest are derived from this
// interface; the manifest takes the doc comments as descriptions.
import type { Generator } from '../generator-calls.ts';
import type { LoadProgress } from '../protocol.ts';

/** Detail by event type. */
export interface ViewerEvents {
  /** Bytes of the model so far */
  readonly progress: LoadProgress;
  /** The model is ready: model, device, warnings */
  readonly load: Pick<Generator, 'model' | 'device' | 'warnings'>;
  /** Another picture is shown: its seeds; on a walk, the two that it is between */
  readonly change: { readonly seeds: readonly number[] };
  /** What went wrong: error */
  readonly error: { readonly error: Error };
}
