// The texts of a custom element in the language of the closest `lang`, with those that the page has replaced.

/** The codes of the languages that every element has beside English. */
const languageCodes = ['de', 'fr', 'es'];

/** All texts of an element, by name. */
export type Texts<Name extends string> = Readonly<Record<Name, string>>;

/** The texts of one element. */
export interface Words<Name extends string> {
  /** Texts that the page has replaced. */
  replaced: Partial<Texts<Name>>;
  /** Resolves when the language is there; undefined before `follow`. */
  ready?: Promise<void>;
  /** Follows the language of the page until `ignore`. */
  follow(): void;
  ignore(): void;
  /** A text; `value` takes the place of the first name in braces. Without a value they stay, for {@link filled}. */
  say(name: Name, value?: string | number): string;
}

/** The texts of an element. `load` fetches the other languages; `onChange` is called when the language has changed. */
export function wordsOf<Name extends string>(
  element: Element,
  english: Texts<Name>,
  load: () => Promise<{ readonly languages: Readonly<Record<string, Texts<Name>>> }>,
  onChange: () => void,
): Words<Name> {
  let language = english;
  const read = (): void => {
    const code = languageCodes.find((each) => element.matches(`:lang(${each})`));
    words.ready = (async () => {
      // Without the file, for example offline, the texts stay English.
      const loaded = code === undefined ? null : await load().catch(() => null);
      language = loaded?.languages[code!] ?? english;
      onChange();
    })();
  };
  const observer = new MutationObserver(read);
  const words: Words<Name> = {
    replaced: {},
    follow() {
      observer.observe(document, { subtree: true, attributeFilter: ['lang'] });
      read();
    },
    ignore: () => observer.disconnect(),
    say: (name, value) =>
      `${words.replaced[name] ?? language[name]}`.replace(/\{\w+\}/, (braces) => (value ?? braces) as string),
  };
  return words;
}

/** A text with several values, each in the place of its name in braces; names without a value are left out. */
export function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => `${values[name] ?? ''}`);
}
