// The types of <dcgan-plane> for TypeScript, in the DOM and in JSX.
import type { JsxAttributes, JsxCommon, JsxEvents, PlainJsx } from '../elements/jsx.ts';
import type { attributes } from './attributes.ts';
import type { PlaneEvents } from './events.ts';
import type { DcganPlane } from './plane-element.ts';
import type { PlaneStrings } from './strings.ts';

/** The element's own attributes and events as JSX takes them, with what every element has in every framework. */
export interface DcganPlaneAttributes
  extends JsxAttributes<typeof attributes>, JsxEvents<PlaneEvents>, JsxCommon {
  /** The visitor's drawing, as the property takes it. */
  points?: readonly number[] | null | undefined;
  /** Replaces texts, as the property does. */
  strings?: Partial<PlaneStrings> | null | undefined;
  /** React never calls it on a custom element: write `onerror`. In React 18, listen with `ref` and `addEventListener`. */
  onError?: never;
}

declare global {
  interface HTMLElementTagNameMap {
    'dcgan-plane': DcganPlane;
  }
  // eslint-disable-next-line @typescript-eslint/no-namespace -- JSX has no other place for it
  namespace JSX {
    interface IntrinsicElements {
      'dcgan-plane': DcganPlaneAttributes & PlainJsx<PlaneEvents>;
    }
  }
}
