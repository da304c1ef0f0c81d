// What a value of the configuration may be: a rule reads it from a flag's text, judges it, and says in words
// what it expects. Every rule is total: it never throws, so that the validator alone words the errors.

/** One kind of value. */
export interface Rule {
  /** In words, for messages: `a whole number from 1 to 512`. */
  readonly expects: string;
  /** What stands behind the flag in `--help`: `<n>`; null for a flag that takes no value. */
  readonly placeholder: string | null;
  /** A flag's text as a value of this kind; text that is none comes back as it is, for `accepts` to refuse. */
  parse(text: string): unknown;
  accepts(value: unknown): boolean;
}

/** A number, or the text itself where it is none (`''`, `12px`, `0x10` and `1e999` are none). */
function parseNumber(text: string): unknown {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text))
    ? Number(text)
    : text;
}

/** A whole number in [min, max]. */
export function wholeNumber(min: number, max: number): Rule {
  return {
    expects: `a whole number from ${min} to ${max}`,
    placeholder: '<n>',
    parse: parseNumber,
    accepts: (value) => Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max,
  };
}

/** A finite number in [min, max]; without `min` itself when `above` is set. */
export function realNumber(min: number, max: number, { above = false } = {}): Rule {
  return {
    expects: above ? `a number above ${min}, at most ${max}` : `a number from ${min} to ${max}`,
    placeholder: '<x>',
    parse: parseNumber,
    accepts: (value) => typeof value === 'number' && (above ? value > min : value >= min) && value <= max,
  };
}

/** A whole number in [min, max] that also passes `test`; `kind` names such numbers (`a power of two`). */
export function specialNumber(
  kind: string,
  min: number,
  max: number,
  test: (value: number) => boolean,
): Rule {
  const whole = wholeNumber(min, max);
  return {
    ...whole,
    expects: `${kind} from ${min} to ${max}`,
    accepts: (value) => whole.accepts(value) && test(value as number),
  };
}

/** One of a few words or numbers. */
export function oneOf(...choices: readonly (string | number)[]): Rule {
  return {
    expects: choices.length === 2 ? choices.join(' or ') : `one of ${choices.join(', ')}`,
    placeholder: choices.every((choice) => typeof choice === 'number') ? `<${choices.join('|')}>` : '<name>',
    parse: (text) => choices.find((choice) => String(choice) === text) ?? text,
    accepts: (value) => choices.includes(value as string | number),
  };
}

/** True or false; as a flag, its presence. */
export const yesOrNo: Rule = {
  expects: 'true or false',
  placeholder: null,
  parse: (text) => (text === 'true' ? true : text === 'false' ? false : text),
  accepts: (value) => typeof value === 'boolean',
};

/** Any text that is not empty. */
export const someText: Rule = {
  expects: 'a path or a name',
  placeholder: '<path>',
  parse: (text) => text,
  accepts: (value) => typeof value === 'string' && value.trim() !== '',
};

/** The same rule, or null (as a flag: `none`). */
export function orNone(rule: Rule): Rule {
  return {
    ...rule,
    expects: `${rule.expects}, or null`,
    parse: (text) => (text === 'none' ? null : rule.parse(text)),
    accepts: (value) => value === null || rule.accepts(value),
  };
}
