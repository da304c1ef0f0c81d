// The types of <dcgan-viewer> for TypeScript, in the DOM and in JSX.
import type { JsxAttributes } from './attributes.ts';
import type { ViewerEvents } from './events.ts';
import type { DcganViewer } from './viewer.ts';

type EventHandlers = {
  -readonly [K in keyof ViewerEvents as `on${K}`]?: (event: CustomEvent<ViewerEvents[K]>) => void;
};

/** The element's attributes as JSX takes them. */
export interface DcganViewerAttributes extends JsxAttributes, EventHandlers {
  id?: string;
  class?: string;
  className?: string;
  slot?: string;
  style?: unknown;
  ref?: unknown;
  key?: string | number;
  children?: unknown;
}

declare global {
  interface HTMLElementTagNameMap {
    'dcgan-viewer': DcganViewer;
  }
  // eslint-disable-next-line @typescript-eslint/no-namespace -- JSX has no other place for it
  namespace JSX {
    interface IntrinsicElements {
      'dcgan-viewer': DcganViewerAttributes;
    }
  }
}
