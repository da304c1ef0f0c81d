// The entry `dcgan-viewer/react`: registers <dcgan-viewer>, and types it in JSX for React 19, which has no global namespace JSX.
import type { DetailedHTMLProps, HTMLAttributes } from 'react';
import './element.ts';
import type { DcganViewer, DcganViewerAttributes } from './index.ts';

type ReactProperties = DetailedHTMLProps<HTMLAttributes<DcganViewer>, DcganViewer>;
type Own = Omit<DcganViewerAttributes, 'children' | 'key' | 'ref' | 'style'>;

declare module 'react' {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- React has no other place for it
  namespace JSX {
    interface IntrinsicElements {
      'dcgan-viewer': Own & Omit<ReactProperties, keyof Own>;
    }
  }
}
