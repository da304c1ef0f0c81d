// The texts of the element in the language of the closest `lang`, with those that the page has replaced.
import { english, type PlaneString, type PlaneStrings } from './strings.ts';

/** The codes of languages.ts. */
const languageCodes = ['de', 'fr', 'es'];

/** Values of names in braces. */
export type Values = Readonly<Record<string, string | number>>;

/** The texts of one element. */
export interface Words {
  /** Texts that the page has replaced. */
  replaced: Partial<PlaneStrings>;
  /** Resolves when the language is there. */
  ready: Promise<void>;
  /** Follows the language of the page until `ignore`. */
  follow(): void;
  ignore(): void;
  say(name: PlaneString, values?: Values): string;
}

/** The texts of an element; `onChange` is called when the language has changed. */
export function wordsOf(element: Element, onChange: () => void): Words {
  let language: PlaneStrings = english;
  const read = (): void => {
    const code = languageCodes.find((each) => element.matches(`:lang(${each})`));
    words.ready = (async () => {
      // Without the file, for example offline, the texts stay English.
      const loaded = code === undefined ? null : await import('./languages.ts').catch(() => null);
      language = loaded?.languages[code!] ?? english;
      onChange();
    })();
  };
  const observer = new MutationObserver(read);
  const words: Words = {
    replaced: {},
    ready: Promise.resolve(),
    follow() {
      observer.observe(document, { subtree: true, attributeFilter: ['lang'] });
      read();
    },
    ignore: () => observer.disconnect(),
    say: (name, values = {}) =>
      (words.replaced[name] ?? language[name]).replace(
        /\{(\w+)\}/g,
        (_, key: string) => `${values[key] ?? ''}`,
      ),
  };
  return words;
}
