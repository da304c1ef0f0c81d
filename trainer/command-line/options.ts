// Flags of commands that have no configuration file: read by the rules that the configuration has, refused by name.
import type { Command } from 'commander';
import type { Rule } from '../config/rules.ts';
import { UserError } from '../errors.ts';

/** A flag's value. Throws UserError for a text that the rule does not accept: `--samples: got 3, expected …`. */
export function flagValue<T extends string | number>(flag: string, text: string, rule: Rule): T {
  const value = rule.parse(text);
  if (!rule.accepts(value)) throw new UserError(`${flag}: got ${text}, expected ${rule.expects}`);
  return value as T;
}

/** Throws UserError for a flag of `names` (commander's) that was given where it says nothing; `why` tells when it does. */
export function refuseFlags(command: Command, names: readonly string[], why: string): void {
  const given = command.options.find(
    (option) =>
      names.includes(option.attributeName()) &&
      command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  if (given !== undefined) throw new UserError(`${given.long}: ${why}`);
}
