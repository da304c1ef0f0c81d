// The options of a command, each declared once: flag, help, rule and default. Commander parses them; the type of the flags that a
// command receives is derived from its list.
import { Option, type Command } from 'commander';
import { expectation, type Rule } from '../config/rules.ts';
import { UserError } from '../errors.ts';

/** An option with a value of type T, called `Name` among the flags that a command receives. */
export interface CommandOption<Name extends string = string, T = unknown> {
  readonly name: Name;
  readonly option: Option;
  /** The value if the option is not given; undefined if it must be. */
  readonly absent: T | undefined;
}

/** `image-size` → `imageSize`. */
type CamelCase<Words extends string> = Words extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Words;

/** `--image-size <n>` → `imageSize`, `--no-align` → `align`: Commander's name for a flag. */
type NameOf<Flag extends string> = Flag extends `--no-${infer Words}`
  ? CamelCase<Words>
  : Flag extends `--${infer Words} <${string}>`
    ? CamelCase<Words>
    : Flag extends `--${infer Words} [${string}]`
      ? CamelCase<Words>
      : Flag extends `--${infer Words}`
        ? CamelCase<Words>
        : never;

/** The flags that a command with these options receives. */
export type FlagsOf<List extends readonly CommandOption[]> = {
  readonly [O in List[number] as O['name']]: O extends CommandOption<string, infer T> ? T : never;
};

/** The values that Commander keeps; it turns a null into an empty text. */
type Value = string | number | boolean;

/** An option with a value: `option('--steps <n>', 'updates', wholeNumber(1, 100), 60)`. Without a default, null if not given. */
export function option<Flag extends string, T extends Value>(
  flag: Flag,
  about: string,
  rule: Rule<T>,
  initial: NoInfer<T>,
): CommandOption<NameOf<Flag>, T>;
export function option<Flag extends string, T extends Value>(
  flag: Flag,
  about: string,
  rule: Rule<T>,
): CommandOption<NameOf<Flag>, T | null>;
export function option<Flag extends string, T extends Value>(
  flag: Flag,
  about: string,
  rule: Rule<T>,
  initial: T | null = null,
): CommandOption<NameOf<Flag>, T | null> {
  const made = withRule(flag, about, rule);
  return named(initial === null ? made : made.default(initial), initial);
}

/** An option whose value may be left out, `--watch [port]`, for the value `bare`; null if it is not given. */
export function optionalValue<Flag extends string, T extends Value>(
  flag: Flag,
  about: string,
  rule: Rule<T>,
  bare: NoInfer<T>,
): CommandOption<NameOf<Flag>, T | null> {
  return named<NameOf<Flag>, T | null>(withRule(flag, about, rule).preset(String(bare)), null);
}

/** An option that must be given. */
export function requiredOption<Flag extends string, T extends Value>(
  flag: Flag,
  about: string,
  rule: Rule<T>,
): CommandOption<NameOf<Flag>, T> {
  return named<NameOf<Flag>, T>(withRule(flag, about, rule).makeOptionMandatory(), undefined);
}

/** An option that may be given several times; its value is the list of all values. */
export function repeatedOption<Flag extends string, T>(
  flag: Flag,
  about: string,
  rule: Rule<T>,
): CommandOption<NameOf<Flag>, readonly T[]> {
  const made = new Option(flag, about);
  return named(
    made.argParser<readonly T[]>((text, before) => [...before, parseValue(made.long!, text, rule)]),
    [],
  );
}

/** An option without a value: true if it is given; `--no-…` is false if it is given. */
export function toggle<Flag extends string>(flag: Flag, about: string): CommandOption<NameOf<Flag>, boolean> {
  const made = new Option(flag, about);
  return named(made, made.negate);
}

/** The same options under a heading of their own in `--help`; not for options that several commands share. */
export function grouped<const List extends readonly CommandOption[]>(heading: string, options: List): List {
  for (const { option: made } of options) made.helpGroup(`${heading}:`);
  return options;
}

/** Adds the options to a command. */
export function addOptions(command: Command, options: readonly CommandOption[]): Command {
  for (const { name, option: made, absent } of options) {
    command.addOption(made);
    // Not by the option's own `default`, which `--help` would print.
    if (absent !== undefined) command.setOptionValueWithSource(name, absent, 'default');
  }
  return command;
}

/** Throws UserError if an option of `names` was given; `why` completes the message, such as `is for --attributes`. */
export function refuseOptions(command: Command, names: readonly string[], why: string): void {
  const given = command.options.find(
    (made) =>
      names.includes(made.attributeName()) && command.getOptionValueSource(made.attributeName()) === 'cli',
  );
  if (given !== undefined) throw new UserError(`${given.long}: ${why}`);
}

function withRule<T>(flag: string, about: string, rule: Rule<T>): Option {
  const made = new Option(flag, about);
  return rule.choices === undefined
    ? made.argParser((text) => parseValue(made.long!, text, rule))
    : made.choices(rule.choices);
}

/** Parses a flag's text. Throws UserError for a value that the rule does not accept: `--samples: got 3, expected …`. */
export function parseValue<T>(flag: string, text: string, rule: Rule<T>): T {
  const value = rule.parse(text);
  if (!rule.accepts(value)) throw new UserError(`${flag}: got ${text}, ${expectation(rule, value)}`);
  return value;
}

function named<Name extends string, T>(made: Option, absent: T | undefined): CommandOption<Name, T> {
  return { name: made.attributeName() as Name, option: made, absent };
}
