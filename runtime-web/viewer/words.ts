// The viewer's texts in the language of the closest `lang`, with those that the page has replaced.
import { english, type StringName, type ViewerStrings } from './strings.ts';

/** The codes of languages.ts. */
const languageCodes = ['de', 'fr', 'es'];

/** The texts of one element. */
export class Words {
  readonly #element: Element;
  readonly #onChange: () => void;
  readonly #observer: MutationObserver;
  #language: ViewerStrings = english;
  /** Texts that the page has replaced. */
  replaced: Partial<ViewerStrings> = {};
  /** Resolves when the language is there. */
  ready: Promise<void> = Promise.resolve();

  /** `onChange` is called when the language has changed. */
  constructor(element: Element, onChange: () => void) {
    this.#element = element;
    this.#onChange = onChange;
    this.#observer = new MutationObserver(() => this.#read());
  }

  /** Follows the language of the page until {@link ignore}. */
  follow(): void {
    this.#observer.observe(document, { subtree: true, attributeFilter: ['lang'] });
    this.#read();
  }

  ignore(): void {
    this.#observer.disconnect();
  }

  /** A text; `value` takes the place of the name in braces. */
  say(name: StringName, value: string | number = ''): string {
    return `${this.replaced[name] ?? this.#language[name]}`.replace(/\{\w+\}/, () => `${value}`);
  }

  #read(): void {
    const code = languageCodes.find((each) => this.#element.matches(`:lang(${each})`));
    const loading = code === undefined ? null : import('./languages.ts');
    this.ready = (async () => {
      // Without the file, for example offline, the texts stay English.
      const loaded = await loading?.catch(() => null);
      this.#language = loaded?.languages[code!] ?? english;
      this.#onChange();
    })();
  }
}
