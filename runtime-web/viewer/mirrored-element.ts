// The base class of <dcgan-viewer>: an element with a property for every attribute.
import { attributes, readAttribute, type AttributeName, type AttributeProperties } from './attributes.ts';
import type { ViewerListening } from './events.ts';

// On a server without a DOM, importing this must not throw.
const Base = (globalThis.HTMLElement ?? Object) as unknown as new () => Omit<
  HTMLElement,
  keyof ViewerListening
> &
  ViewerListening &
  AttributeProperties;
const names = Object.keys(attributes) as AttributeName[];

/** An HTMLElement whose properties mirror the {@link attributes}. */
export class MirroredElement extends Base {
  static readonly observedAttributes: readonly string[] = names;

  /** Passes on properties that were set before the element was defined, when it had no setters. */
  connectedCallback(): void {
    for (const [name, value] of Object.entries(this)) {
      if (!(name in Object.getPrototypeOf(this))) continue;
      Reflect.deleteProperty(this, name);
      Reflect.set(this, name, value);
    }
  }
}

for (const name of names) {
  const isFlag = typeof attributes[name].fallback === 'boolean';
  Object.defineProperty(MirroredElement.prototype, name, {
    get(this: Element) {
      return readAttribute(this, name);
    },
    // Frameworks set null or undefined for a value that they no longer have.
    set(this: Element, value: unknown) {
      if (value == null || (isFlag && !value)) this.removeAttribute(name);
      else if (isFlag) this.setAttribute(name, '');
      else this.setAttribute(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
    },
    enumerable: true,
    configurable: true,
  });
}
