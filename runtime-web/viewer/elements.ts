// The types of <dcgan-viewer> for TypeScript, in the DOM and in JSX.
import type { JsxAttributes, JsxCommon, JsxEvents, PlainJsx } from '../elements/jsx.ts';
import type { attributes } from './attributes.ts';
import type { ViewerEvents } from './events.ts';
import type { ViewerStrings } from './strings.ts';
import type { DcganViewer } from './viewer.ts';

/** The element's own attributes and events as JSX takes them, with what every element has in every framework. */
export interface DcganViewerAttributes
  extends JsxAttributes<typeof attributes>, JsxEvents<ViewerEvents>, JsxCommon {
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
}

declare global {
  interface HTMLElementTagNameMap {
    'dcgan-viewer': DcganViewer;
  }
  // eslint-disable-next-line @typescript-eslint/no-namespace -- JSX has no other place for it
  namespace JSX {
    interface IntrinsicElements {
      'dcgan-viewer': DcganViewerAttributes & PlainJsx<ViewerEvents>;
    }
  }
}
