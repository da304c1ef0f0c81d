// Command-line flags of scripts: a table of typed flags over Node's parseArgs. A wrong flag ends the script with one line and
// exit code 2; `--help` lists the flags with their defaults.
import process from 'node:process';
import { parseArgs } from 'node:util';

/** Ends the script with `error: message` and exit code 2. */
export function refuse(message: string): never {
  console.error(`error: ${message}`);
  process.exit(2);
}

/** Converts a flag's text; `flag` is its name with dashes, for error messages. Calls {@link refuse} for a wrong value. */
type Parse<T> = (text: string, flag: string) => T;

/** Any text. */
export const text: Parse<string> = (given) => given;

/** A whole number in a range, both ends included. */
export const wholeNumber =
  (min = 1, max = Number.MAX_SAFE_INTEGER): Parse<number> =>
  (given, flag) => {
    const value = Number(given);
    if (given.trim() !== '' && Number.isSafeInteger(value) && value >= min && value <= max) return value;
    const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`;
    return refuse(`${flag}: got ${given}, expected a whole number ${range}`);
  };

/** A number above 0. */
export const positiveNumber: Parse<number> = (given, flag) =>
  Number(given) > 0 ? Number(given) : refuse(`${flag}: got ${given}, expected a number above 0`);

/** One of these names. */
export const oneOf =
  <T extends string>(names: readonly T[]): Parse<T> =>
  (given, flag) =>
    names.find((name) => name === given) ?? refuse(`${flag}: got ${given}, expected ${names.join(', ')}`);

/** Comma-separated values. */
export const listOf =
  <T>(parse: Parse<T>): Parse<readonly T[]> =>
  (given, flag) =>
    given.split(',').map((item) => parse(item.trim(), flag));

/** One row of the table. */
interface Flag<T> {
  readonly isSwitch?: boolean;
  /** Its line in `--help`. */
  readonly about: string;
  /** Converts the texts, one for each time the flag was given. */
  readonly read: (given: readonly string[], flag: string) => T;
}

/** A flag that takes no value. */
export const toggle: Flag<boolean> = { isSwitch: true, about: '', read: (given) => given.length > 0 };

/** A flag with a value; undefined if it is not given and has no default. */
export function option<T>(parse: Parse<T>, fallback: string): Flag<T>;
export function option<T>(parse: Parse<T>): Flag<T | undefined>;
export function option<T>(parse: Parse<T>, fallback?: string): Flag<T | undefined> {
  return {
    about: fallback === undefined ? '' : `default ${fallback}`,
    read(given, flag) {
      const last = given.at(-1) ?? fallback;
      return last === undefined ? undefined : parse(last, flag);
    },
  };
}

/** A flag that must be given. */
export const required = <T>(parse: Parse<T>, expected: string): Flag<T> => ({
  about: expected,
  read: (given, flag) =>
    given.length > 0 ? parse(given.at(-1)!, flag) : refuse(`${flag}: expected ${expected}`),
});

/** A flag that may be given several times. */
export const repeated = <T>(parse: Parse<T>): Flag<readonly T[]> => ({
  about: 'may be repeated',
  read: (given, flag) => given.map((item) => parse(item, flag)),
});

/** The values of the script's flags, by their names in the table. */
export function readFlags<Table extends Readonly<Record<string, Flag<unknown>>>>(
  table: Table,
): { readonly [Name in keyof Table]: Table[Name] extends Flag<infer T> ? T : never } {
  const options = Object.fromEntries(
    Object.entries({ ...table, help: toggle }).map(([name, { isSwitch = false }]) => [
      name,
      { type: isSwitch ? ('boolean' as const) : ('string' as const), multiple: true as const },
    ]),
  );
  let given: Readonly<Record<string, readonly (string | boolean)[] | undefined>>;
  try {
    given = parseArgs({ options }).values;
  } catch (error) {
    return refuse((error as Error).message);
  }
  if (given['help'] !== undefined) {
    for (const [name, { about }] of Object.entries(table))
      console.log(`  --${name.padEnd(16)}${about}`.trimEnd());
    process.exit(0);
  }
  const values = Object.entries(table).map(([name, { read }]) => [
    name,
    read((given[name] ?? []).map(String), `--${name}`),
  ]);
  return Object.fromEntries(values) as ReturnType<typeof readFlags<Table>>;
}
