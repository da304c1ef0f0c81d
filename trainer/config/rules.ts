// Rules for the values of configuration keys and flags. A rule parses a flag's text, checks the value, and describes what it
// expects. Rules never throw; their callers word the errors.

/** Accepts values of type T. */
export interface Rule<T = unknown> {
  /** For messages: `a whole number from 1 to 512`. */
  readonly expects: string;
  /** The value in `--help`: `<n>`; null for a flag without a value. */
  readonly placeholder: string | null;
  /** All accepted words, if the rule is a choice of a few. */
  readonly choices?: readonly string[];
  /** Parses a flag's text; returns text that does not parse unchanged, for `accepts` to refuse. */
  parse(text: string): unknown;
  accepts(value: unknown): value is T;
  /** A remedy for a value that is not accepted; null without one. */
  hint?(value: unknown): string | null;
}

/** The end of a message about a value that `rule` does not accept: what it expects, and a remedy. */
export function expectation({ expects, hint }: Rule, value: unknown): string {
  const remedy = hint?.(value) ?? null;
  return `expected ${expects}${remedy === null ? '' : `; ${remedy}`}`;
}

/** The number that `text` is, or `text` itself if it is no decimal number (`''`, `12px`, `0x10`, `1e999`). */
function parseNumber(text: string): unknown {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text))
    ? Number(text)
    : text;
}

/** A whole number in [min, max]. */
export function wholeNumber(min: number, max: number): Rule<number> {
  return {
    expects: `a whole number from ${min} to ${max}`,
    placeholder: '<n>',
    parse: parseNumber,
    accepts: (value): value is number =>
      Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max,
  };
}

/** A finite number in [min, max], or in (min, max] if `above` is set. */
export function realNumber(min: number, max: number, { above = false } = {}): Rule<number> {
  return {
    expects: above ? `a number above ${min}, at most ${max}` : `a number from ${min} to ${max}`,
    placeholder: '<x>',
    parse: parseNumber,
    accepts: (value): value is number =>
      typeof value === 'number' && (above ? value > min : value >= min) && value <= max,
  };
}

/** A whole number in [min, max] that also passes `test`; `kind` names such numbers (`a power of two`). */
export function specialNumber(
  kind: string,
  min: number,
  max: number,
  test: (value: number) => boolean,
): Rule<number> {
  const whole = wholeNumber(min, max);
  return {
    ...whole,
    expects: `${kind} from ${min} to ${max}`,
    accepts: (value): value is number => whole.accepts(value) && test(value),
  };
}

/** One of a few words or numbers. */
export function oneOf<const T extends string | number>(...choices: readonly T[]): Rule<T> {
  return {
    expects: choices.length === 2 ? choices.join(' or ') : `one of ${choices.join(', ')}`,
    placeholder: choices.every((choice) => typeof choice === 'number') ? `<${choices.join('|')}>` : '<name>',
    choices: choices.map(String),
    parse: (text) => choices.find((choice) => String(choice) === text) ?? text,
    accepts: (value): value is T => choices.includes(value as T),
  };
}

/** True or false; as a flag, its presence. */
export const yesOrNo: Rule<boolean> = {
  expects: 'true or false',
  placeholder: null,
  parse: (text) => (text === 'true' ? true : text === 'false' ? false : text),
  accepts: (value): value is boolean => typeof value === 'boolean',
};

/** Any text that is not blank. */
export const someText: Rule<string> = {
  expects: 'a path or a name',
  placeholder: '<path>',
  parse: (text) => text,
  accepts: (value): value is string => typeof value === 'string' && value.trim() !== '',
};

/** Any text that passes `test`; `expects` says which ones do. */
export function checkedText(
  placeholder: string,
  expects: string,
  test: (text: string) => boolean,
): Rule<string> {
  return {
    expects,
    placeholder,
    parse: (text) => text,
    accepts: (value): value is string => typeof value === 'string' && test(value),
  };
}

/** Any text, for values that another parser checks. */
export const anyText: Rule<string> = {
  expects: 'a text',
  placeholder: '<text>',
  parse: (text) => text,
  accepts: (value): value is string => typeof value === 'string',
};

/** The same rule, or one word. */
export function orWord<const W extends string, T>(word: W, rule: Rule<T>): Rule<T | W> {
  return {
    expects: `${word}, or ${rule.expects}`,
    placeholder: rule.placeholder,
    parse: (text) => (text === word ? word : rule.parse(text)),
    accepts: (value): value is T | W => value === word || rule.accepts(value),
  };
}

/** The same rule, or null (as a flag: `none`). */
export function orNone<T>(rule: Rule<T>): Rule<T | null> {
  return {
    expects: `${rule.expects}, or none (null in a file)`,
    placeholder: rule.placeholder,
    parse: (text) => (text === 'none' ? null : rule.parse(text)),
    accepts: (value): value is T | null => value === null || rule.accepts(value),
  };
}
