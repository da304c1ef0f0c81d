// The base class of <dcgan-trainer>: an element with a property for every attribute.
import { mirrored } from '../elements/mirrored.ts';
import { attributes, type AttributeProperties } from './attributes.ts';
import type { Listening } from '../elements/listening.ts';
import type { TrainerEvents } from './events.ts';

/** An HTMLElement whose properties mirror the {@link attributes}. */
export const TrainerBase = mirrored(attributes) as unknown as {
  new (): Omit<HTMLElement, keyof Listening<TrainerEvents>> &
    Listening<TrainerEvents> &
    AttributeProperties & { connectedCallback(): void };
  readonly observedAttributes: readonly string[];
};
/** An instance. */
export type TrainerBase = InstanceType<typeof TrainerBase>;
