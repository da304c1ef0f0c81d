// The rules by which the custom elements read their attributes. Each element has a table of them, one row an attribute.

/** Conversion of an attribute's text to a value. `Jsx` is the type that JSX accepts for it. */
export interface AttributeRule<T, Jsx = T> {
  readonly fallback: T;
  /** The value, or null for invalid text. */
  read(text: string): T | null;
  /** The valid values, for messages. */
  readonly expected: string;
  /** Exists for the type checker only. */
  readonly jsx?: Jsx;
}

/** A table of attributes, by name. */
export type AttributeTable = Readonly<Record<string, AttributeRule<unknown, unknown>>>;

/** The value of a table's attribute. */
export type ValueOf<Table extends AttributeTable, K extends keyof Table> =
  Table[K] extends AttributeRule<infer T, unknown> ? T : never;

/** A table's attributes as properties. */
export type PropertiesOf<Table extends AttributeTable> = { -readonly [K in keyof Table]: ValueOf<Table, K> };

/** Any text. */
export const text: AttributeRule<string> = { fallback: '', read: (value) => value, expected: 'text' };
/** There, or not. */
export const flag: AttributeRule<boolean> = { fallback: false, read: () => true, expected: 'flag' };

/** One of a few words, the default first. */
export function oneOf<const T extends string>(...choices: readonly [T, ...T[]]): AttributeRule<T> {
  return {
    fallback: choices[0],
    read: (value) => choices.find((choice) => choice === value) ?? null,
    expected: choices.join(', '),
  };
}

/** A number in [min, max]. */
export function number(
  fallback: number,
  min: number,
  max: number,
  isWhole: boolean,
): AttributeRule<number, number | string> {
  return {
    fallback,
    read(value) {
      const given = value.trim() === '' ? NaN : Number(value);
      const isRight = isWhole ? Number.isSafeInteger(given) : Number.isFinite(given);
      return isRight && given >= min && given <= max ? given : null;
    },
    expected: `a ${isWhole ? 'whole ' : ''}number from ${min} to ${max}`,
  };
}

/** Reads an attribute of an element; `onInvalid` receives a message about invalid text, and the default is used. */
export function readFrom<Table extends AttributeTable, K extends keyof Table & string>(
  table: Table,
  element: Element,
  name: K,
  onInvalid: (message: string) => void = () => undefined,
): ValueOf<Table, K> {
  const rule = table[name]!;
  const given = element.getAttribute(name);
  const { fallback, expected } = rule;
  const value = given === null ? fallback : rule.read(given);
  if (value === null)
    onInvalid(`${name}: got ${JSON.stringify(given)}, expected ${expected}; ${fallback as string} is taken`);
  return (value ?? fallback) as ValueOf<Table, K>;
}
