// The base class of the custom elements: a property for every attribute.
import { readFrom, type AttributeTable } from './attribute-rules.ts';

// On a server without a DOM, importing this must not throw.
const Base = (globalThis.HTMLElement ?? Object) as typeof HTMLElement;

/** A class of HTMLElement whose properties mirror the attributes of a table. */
export function mirrored(table: AttributeTable) {
  class Mirrored extends Base {
    static readonly observedAttributes: readonly string[] = Object.keys(table);

    /** Passes on properties that were set before the element was defined, when it had no setters. */
    connectedCallback(): void {
      for (const [name, value] of Object.entries(this)) {
        if (!(name in Object.getPrototypeOf(this))) continue;
        Reflect.deleteProperty(this, name);
        Reflect.set(this, name, value);
      }
    }
  }
  for (const [name, { fallback }] of Object.entries(table)) {
    const isFlag = typeof fallback === 'boolean';
    Object.defineProperty(Mirrored.prototype, name, {
      get(this: Element) {
        return readFrom(table, this, name);
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
  return Mirrored;
}
