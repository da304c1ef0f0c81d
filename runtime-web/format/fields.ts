// Validates JSON of unknown origin field by field. Each check returns a value of its type, or throws an error that says what it got, what
// it expected, and where. Unknown keys of an object are errors too.
import { ModelFormatError } from './model-format-error.ts';

/** A place in a JSON file. */
export interface Place {
  /** The file's name in messages. */
  readonly file: string;
  /** The path of keys, `files.generator.bytes`; empty for the whole file. */
  readonly path: string;
  /** True if unknown keys are ignored here and below, because the file is newer than this code. */
  readonly isLenient: boolean;
}

/** Returns `value` as a T. Throws ModelFormatError for an invalid value. */
export type Check<T> = (value: unknown, place: Place) => T;

/** The error for an invalid value. */
export function refuse(value: unknown, expected: string, { file, path }: Place): ModelFormatError {
  const got = value === undefined ? 'nothing' : textOf(value);
  const short = got.length > 60 ? `${got.slice(0, 57)}…` : got;
  return new ModelFormatError(
    `${path === '' ? file : `${file}: ${path}`}: got ${short}, expected ${expected}`,
  );
}

/** JSON of a value for a message; the kind of one that is nested too deep for that. */
export function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? typeof value;
  } catch {
    return `a deeply nested ${Array.isArray(value) ? 'list' : 'object'}`;
  }
}

/** The place of a key or an index below `place`. */
export function below(place: Place, key: string | number): Place {
  if (typeof key === 'number') return { ...place, path: `${place.path}[${key}]` };
  return { ...place, path: place.path === '' ? key : `${place.path}.${key}` };
}

/** Reads the keys of one JSON object. */
export interface Fields {
  /** The value of `key`; one that is missing is checked as undefined. */
  get<T>(key: string, check: Check<T>): T;
}

/** An object; keys that `read` does not ask for are errors. */
export function isObject<T>(read: (fields: Fields, place: Place) => T): Check<T> {
  return (value, place) => {
    const record = isRecord(value, place);
    const known = new Set<string>();
    const get = <U>(key: string, check: Check<U>): U => {
      known.add(key);
      return check(Object.hasOwn(record, key) ? record[key] : undefined, below(place, key));
    };
    const result = read({ get }, place);
    const other = Object.keys(record).find((key) => !known.has(key));
    if (other !== undefined && !place.isLenient) {
      throw refuse(record[other], `no such key (known: ${[...known].join(', ')})`, below(place, other));
    }
    return result;
  };
}

/** An object, not a list. */
export const isRecord: Check<Readonly<Record<string, unknown>>> = (value, place) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refuse(value, 'an object', place);
  }
  return value as Readonly<Record<string, unknown>>;
};

/** Text that is not empty. */
export const isText: Check<string> = (value, place) => {
  if (typeof value !== 'string' || value.trim() === '')
    throw refuse(value, 'a text that is not empty', place);
  return value;
};

/** Text that matches a pattern. */
export function isMatch(pattern: RegExp, expected: string): Check<string> {
  return (value, place) => {
    if (typeof value !== 'string' || !pattern.test(value)) throw refuse(value, expected, place);
    return value;
  };
}

/** A finite number of at least `min`. */
export function isNumber(min = -Infinity): Check<number> {
  const expected = min === -Infinity ? 'a finite number' : `a finite number of at least ${min}`;
  return (value, place) => {
    if (typeof value !== 'number' || !Number.isFinite(value) || value < min) {
      throw refuse(value, expected, place);
    }
    return value;
  };
}

/** A whole number in [min, max]. */
export function isWhole(min: number, max = Number.MAX_SAFE_INTEGER): Check<number> {
  return (value, place) => {
    if (!Number.isSafeInteger(value) || (value as number) < min || (value as number) > max) {
      throw refuse(value, `a whole number from ${min} to ${max}`, place);
    }
    return value as number;
  };
}

/** One of a few values. */
export function isOneOf<const T extends string | number | boolean>(...allowed: readonly T[]): Check<T> {
  const expected = allowed.map((item) => JSON.stringify(item)).join(' or ');
  return (value, place) => {
    if (!allowed.some((item) => item === value)) throw refuse(value, expected, place);
    return value as T;
  };
}

/** Null, or a value that passes `check`. */
export function isNullOr<T>(check: Check<T>): Check<T | null> {
  return (value, place) => (value === null ? null : check(value, place));
}

/** A list of at least `min` items. */
export function isListOf<T>(check: Check<T>, min = 0): Check<readonly T[]> {
  return (value, place) => {
    if (!Array.isArray(value)) throw refuse(value, 'a list', place);
    if (value.length < min) throw refuse(value, `a list of at least ${min}`, place);
    return value.map((item, i) => check(item, below(place, i)));
  };
}

/** A list of distinct texts. */
export function isNameList(min: number): Check<readonly string[]> {
  const isTexts = isListOf(isText, min);
  return (value, place) => {
    const names = isTexts(value, place);
    const twice = names.findIndex((name, i) => names.indexOf(name) < i);
    if (twice >= 0) throw refuse(names[twice], 'a name that is not in the list already', below(place, twice));
    return names;
  };
}

/** An object with any keys, whose values all pass one check. */
export function isRecordOf<T>(check: Check<T>): Check<Readonly<Record<string, T>>> {
  return (value, place) =>
    Object.fromEntries(
      Object.entries(isRecord(value, place)).map(([key, item]) => [key, check(item, below(place, key))]),
    );
}
