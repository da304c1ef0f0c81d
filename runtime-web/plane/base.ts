// The base class of <dcgan-plane>: an element with a property for every attribute.
import { mirrored } from '../elements/mirrored.ts';
import type { Listening } from '../elements/listening.ts';
import { attributes, type AttributeProperties } from './attributes.ts';
import type { PlaneEvents } from './events.ts';

/** An HTMLElement whose properties mirror the {@link attributes}. */
export const PlaneBase = mirrored(attributes) as unknown as {
  new (): Omit<HTMLElement, keyof Listening<PlaneEvents>> &
    Listening<PlaneEvents> &
    AttributeProperties & { connectedCallback(): void };
  readonly observedAttributes: readonly string[];
};
