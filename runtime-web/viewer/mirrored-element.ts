// The base class of <dcgan-viewer>: an element with a property for every attribute.
import { mirrored } from '../elements/mirrored.ts';
import { attributes, type AttributeProperties } from './attributes.ts';
import type { Listening } from '../elements/listening.ts';
import type { ViewerEvents } from './events.ts';

/** An HTMLElement whose properties mirror the {@link attributes}. */
export const MirroredElement = mirrored(attributes) as unknown as {
  new (): Omit<HTMLElement, keyof Listening<ViewerEvents>> &
    Listening<ViewerEvents> &
    AttributeProperties & { connectedCallback(): void };
  readonly observedAttributes: readonly string[];
};
/** An instance. */
export type MirroredElement = InstanceType<typeof MirroredElement>;
