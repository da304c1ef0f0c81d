// The surface of <dcgan-trainer>: its attributes are read here, and its events emitted.
import { readFrom } from '../elements/attribute-rules.ts';
import { attributes, type AttributeName, type AttributeValue } from './attributes.ts';
import type { TrainerBase } from './base.ts';
import type { TrainerEvents } from './events.ts';

/** Attributes and events of one element. */
export class Surface {
  readonly element: TrainerBase;
  readonly #warned = new Set<string>();

  constructor(element: TrainerBase) {
    this.element = element;
  }

  /** Reads an attribute; invalid text is reported once, as an `error` event. */
  read<K extends AttributeName>(name: K): AttributeValue<K> {
    return readFrom(attributes, this.element as unknown as Element, name, (message) =>
      this.warn(new RangeError(message)),
    );
  }

  /** Dispatches an event of the element's own. */
  emit<K extends keyof TrainerEvents>(type: K, detail: TrainerEvents[K]): void {
    this.element.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** Emits an error that does not stop the element; once, however often it occurs. */
  warn(error: Error): void {
    if (this.#warned.has(error.message)) return;
    this.#warned.add(error.message);
    this.emit('error', { error });
  }
}
