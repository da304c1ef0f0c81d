// The types of <dcgan-viewer> for TypeScript, in the DOM and in JSX. They are of no framework; React's come with React.
import type { JsxAttributes } from './attributes.ts';
import type { ViewerEvents } from './events.ts';
import type { ViewerStrings } from './strings.ts';
import type { DcganViewer } from './viewer.ts';

type EventHandlers = {
  -readonly [K in keyof ViewerEvents as `on${K}`]?:
    ((event: CustomEvent<ViewerEvents[K]>) => void) | undefined;
};

/** The element's own attributes and events as JSX takes them, with what every element has in every framework. */
export interface DcganViewerAttributes extends JsxAttributes, EventHandlers {
  /** Replaces labels and announcements, as the property does. */
  strings?: Partial<ViewerStrings> | null | undefined;
  /** React never calls it on a custom element: write `onload`. In React 18, listen with `ref` and `addEventListener`. */
  onLoad?: never;
  /** React never calls it here, as the event does not bubble: write `onchange`. */
  onChange?: never;
  /** React never calls it on a custom element: write `onerror`. */
  onError?: never;
  /** React never calls it on a custom element: write `onprogress`. */
  onProgress?: never;
  class?: string | undefined;
  [data: `data-${string}`]: unknown;
  [aria: `aria-${string}`]: string | number | boolean | null | undefined;
}

/** Names of DOM events as frameworks write them after `on`; the others only capitalise the first letter. */
type CamelCased =
  | `Key${'Down' | 'Up'}`
  | `Focus${'In' | 'Out'}`
  | `${'Mouse' | 'Pointer'}${'Down' | 'Up' | 'Move' | 'Enter' | 'Leave' | 'Over' | 'Out'}`
  | `PointerCancel`
  | `Touch${'Start' | 'End' | 'Move' | 'Cancel'}`
  | `Drag${'Start' | 'End' | 'Enter' | 'Leave' | 'Over'}`
  | `Animation${'Start' | 'End' | 'Iteration'}`
  | 'ContextMenu'
  | 'DblClick'
  | 'TransitionEnd';

type DomEvents = HTMLElementEventMap;
type Handler<K extends string> = K extends keyof DomEvents ? (event: DomEvents[K]) => void : never;
type PlainEvent = Exclude<keyof DomEvents, keyof ViewerEvents>;

/** Handlers of the DOM's events: `onclick`, `onClick`, `onkeydown`, `onKeydown`, `onKeyDown`. */
type DomHandlers = { [K in PlainEvent as `on${K}` | `on${Capitalize<K>}`]?: Handler<K> | undefined } & {
  [K in CamelCased as `on${K}`]?: Handler<Lowercase<K>> | undefined;
};

/** The attributes in a JSX that has no types of its own for elements. */
interface PlainJsxAttributes extends DcganViewerAttributes, DomHandlers {
  id?: string | undefined;
  className?: string | undefined;
  style?: string | object | undefined;
  title?: string | undefined;
  lang?: string | undefined;
  dir?: string | undefined;
  hidden?: boolean | undefined;
  slot?: string | undefined;
  part?: string | undefined;
  role?: string | undefined;
  tabindex?: number | string | undefined;
  tabIndex?: number | undefined;
  ref?: unknown;
  key?: string | number | null | undefined;
  children?: unknown;
}

declare global {
  interface HTMLElementTagNameMap {
    'dcgan-viewer': DcganViewer;
  }
  // eslint-disable-next-line @typescript-eslint/no-namespace -- JSX has no other place for it
  namespace JSX {
    interface IntrinsicElements {
      'dcgan-viewer': PlainJsxAttributes;
    }
  }
}
