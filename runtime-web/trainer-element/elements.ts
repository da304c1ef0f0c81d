// The types of <dcgan-trainer> for TypeScript, in the DOM and in JSX.
import type { JsxAttributes, JsxCommon, JsxEvents, PlainJsx } from '../elements/jsx.ts';
import type { TrainingData } from '../train/index.ts';
import type { attributes } from './attributes.ts';
import type { TrainerEvents } from './events.ts';
import type { TrainerStrings } from './strings.ts';
import type { DcganTrainer } from './trainer-element.ts';

/** The element's own attributes and events as JSX takes them, with what every element has in every framework. */
export interface DcganTrainerAttributes
  extends Omit<JsxAttributes<typeof attributes>, 'data'>, JsxEvents<TrainerEvents>, JsxCommon {
  /** A word of the attribute, or pictures, as the property takes them. */
  data?: TrainingData | string | null | undefined;
  /** Replaces labels and announcements, as the property does. */
  strings?: Partial<TrainerStrings> | null | undefined;
  /** React never calls it on a custom element: write `onload`. In React 18, listen with `ref` and `addEventListener`. */
  onLoad?: never;
  /** React never calls it on a custom element: write `onerror`. */
  onError?: never;
  /** React never calls it on a custom element: write `onprogress`. */
  onProgress?: never;
}

declare global {
  interface HTMLElementTagNameMap {
    'dcgan-trainer': DcganTrainer;
  }
  // eslint-disable-next-line @typescript-eslint/no-namespace -- JSX has no other place for it
  namespace JSX {
    interface IntrinsicElements {
      'dcgan-trainer': DcganTrainerAttributes & PlainJsx<TrainerEvents>;
    }
  }
}
