// The types of the custom elements in JSX. They are of no framework; React's come with React.
import type { AttributeTable } from './attribute-rules.ts';

/** A table's attributes as JSX takes them. */
export type JsxAttributes<Table extends AttributeTable> = {
  -readonly [K in keyof Table]?: Table[K]['jsx'] | null | undefined;
};

/** Handlers of an element's own events: `onload`. */
export type JsxEvents<Events> = {
  -readonly [K in keyof Events & string as `on${K}`]?: ((event: CustomEvent<Events[K]>) => void) | undefined;
};

/** The attributes of every element in every framework. */
export interface JsxCommon {
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

/** Handlers of the DOM's events: `onclick`, `onClick`, `onkeydown`, `onKeydown`, `onKeyDown`. */
type DomHandlers<Events> = {
  [K in Exclude<keyof DomEvents, keyof Events> as `on${K}` | `on${Capitalize<K>}`]?: Handler<K> | undefined;
} & {
  [K in CamelCased as `on${K}`]?: Handler<Lowercase<K>> | undefined;
};

/** The attributes of every element in a JSX that has no types of its own for elements; `Events` are the element's own. */
export type PlainJsx<Events> = DomHandlers<Events> & {
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
};
