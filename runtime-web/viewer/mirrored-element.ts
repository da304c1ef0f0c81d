// The base class of <dcgan-viewer>: an element with a property for every attribute.
import { attributes, readAttribute, type AttributeName, type AttributeProperties } from './attributes.ts';

// On a server without a DOM, importing this must not throw.
const Base = (globalThis.HTMLElement ?? Object) as unknown as new () => HTMLElement & AttributeProperties;
const names = Object.keys(attributes) as AttributeName[];

/** An HTMLElement whose properties mirror the {@link attributes}. */
export class MirroredElement extends Base {
  static readonly observedAttributes: readonly string[] = names;
}

for (const name of names) {
  Object.defineProperty(MirroredElement.prototype, name, {
    get(this: Element) {
      return readAttribute(this, name);
    },
    set(this: Element, value: unknown) {
      if (typeof attributes[name].fallback === 'boolean') this.toggleAttribute(name, value as boolean);
      else this.setAttribute(name, String(value));
    },
    enumerable: true,
    configurable: true,
  });
}
