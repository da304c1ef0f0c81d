// The base class of <dcgan-trainer>: an element with a property for every attribute.
import { mirrored } from '../elements/mirrored.ts';
import { attributes, type AttributeProperties } from './attributes.ts';
import type { TrainerListening } from './events.ts';

/** An HTMLElement whose properties mirror the {@link attributes}. */
export const TrainerBase = mirrored(attributes) as unknown as {
  new (): Omit<HTMLElement, keyof TrainerListening> &
    TrainerListening &
    AttributeProperties & { connectedCallback(): void };
  readonly observedAttributes: readonly string[];
};
