// <dcgan-viewer> for TypeScript: in the DOM, and in JSX of React's kind. Types only.
import type { DcganViewer, ViewerEvents } from './viewer.ts';
import type { AttributeValue } from './attributes.ts';

/** The element's attributes as JSX takes them. */
export interface DcganViewerAttributes {
  src?: string;
  alt?: string;
  poster?: string;
  loading?: AttributeValue<'loading'>;
  reveal?: AttributeValue<'reveal'>;
  device?: AttributeValue<'device'>;
  mode?: AttributeValue<'mode'>;
  seed?: number | string;
  columns?: number | string;
  rows?: number | string;
  label?: number | string;
  truncation?: number | string;
  fps?: number | string;
  playing?: boolean;
  controls?: boolean;
  pixelated?: boolean;
  id?: string;
  class?: string;
  className?: string;
  slot?: string;
  style?: unknown;
  ref?: unknown;
  key?: string | number;
  children?: unknown;
  onprogress?: (event: CustomEvent<ViewerEvents['progress']>) => void;
  onload?: (event: CustomEvent<ViewerEvents['load']>) => void;
  onchange?: (event: CustomEvent<ViewerEvents['change']>) => void;
  onerror?: (event: CustomEvent<ViewerEvents['error']>) => void;
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
