// The entry `dcgan-viewer/react`: registers <dcgan-viewer>, and types the elements in JSX for React 19, which has no global namespace JSX.
// <dcgan-trainer> is registered by its own entry.
import type { DetailedHTMLProps, HTMLAttributes } from 'react';
import './element.ts';
import type { DcganViewer, DcganViewerAttributes } from './index.ts';
import type { DcganTrainer, DcganTrainerAttributes } from './trainer.ts';

/** An element's own attributes, and those that React has for every element. */
type InReact<Attributes, Instance> = Omit<Attributes, OfReact> &
  Omit<DetailedHTMLProps<HTMLAttributes<Instance>, Instance>, Exclude<keyof Attributes, OfReact>>;
type OfReact = 'children' | 'key' | 'ref' | 'style';

declare module 'react' {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- React has no other place for it
  namespace JSX {
    interface IntrinsicElements {
      'dcgan-viewer': InReact<DcganViewerAttributes, DcganViewer>;
      'dcgan-trainer': InReact<DcganTrainerAttributes, DcganTrainer>;
    }
  }
}
