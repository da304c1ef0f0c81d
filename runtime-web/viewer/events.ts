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

/** The DOM's events and the viewer's own, by type. */
type EventMap = Omit<HTMLElementEventMap, keyof ViewerEvents> & {
  readonly [K in keyof ViewerEvents]: CustomEvent<ViewerEvents[K]>;
};

type AnyListener = EventListenerOrEventListenerObject | null;

/** Listening to events, with the type of their `detail`. */
export interface ViewerListening {
  addEventListener<K extends keyof EventMap>(
    type: K,
    listener: (this: this, event: EventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: AnyListener, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof EventMap>(
    type: K,
    listener: (this: this, event: EventMap[K]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(type: string, listener: AnyListener, options?: boolean | EventListenerOptions): void;
}
