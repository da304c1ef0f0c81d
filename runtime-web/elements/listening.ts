// The listening methods of an element, for events whose `detail` has a known type.

/** The DOM's events and the element's own, by type. */
type EventMap<Events> = Omit<HTMLElementEventMap, keyof Events> & {
  readonly [K in keyof Events]: CustomEvent<Events[K]>;
};

type AnyListener = EventListenerOrEventListenerObject | null;

/** Listening to events; `Events` has the type of the `detail` by event type. */
export interface Listening<Events> {
  addEventListener<K extends keyof EventMap<Events>>(
    type: K,
    listener: (this: this, event: EventMap<Events>[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: AnyListener, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof EventMap<Events>>(
    type: K,
    listener: (this: this, event: EventMap<Events>[K]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(type: string, listener: AnyListener, options?: boolean | EventListenerOptions): void;
}
