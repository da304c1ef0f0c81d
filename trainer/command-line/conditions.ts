// The flags that say what a conditional model is to draw: `--label` for classes, `--code` for codes.
import { Option, type Command } from 'commander';
import { conditionFor, type CodeValue, type Label, type Wanted } from '../../runtime-web/format/condition.ts';
import type { Conditioning, Model } from '../../runtime-web/format/model.ts';
import { UserError } from '../errors.ts';

/** See {@link addConditionFlags}. */
export interface ConditionFlags {
  readonly label?: string;
  readonly code?: string;
}

/** Adds the two flags. */
export function addConditionFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--label <n|name>', 'the class to draw; without it, classes take turns from seed to seed'),
    )
    .addOption(
      new Option(
        '--code <list>',
        "a value for each of the model's codes, with commas between; '-' leaves one to the seed",
      ),
    );
}

/** What the flags ask of a model. Throws UserError for what it does not have. */
export function wantedOf(
  { label, code }: ConditionFlags,
  model: Pick<Model, 'conditioning' | 'name'>,
): Wanted {
  const { conditioning } = model;
  if (label === undefined && code === undefined) return {};
  const flag = label === undefined ? `--code ${code ?? ''}` : `--label ${label}`;
  if (label !== undefined && code !== undefined) {
    throw new UserError('--label and --code contradict each other: a model has classes or codes, not both');
  }
  if (conditioning === null) {
    throw new UserError(
      `${flag}: ${model.name} has neither classes nor codes; leave it out, or train with --condition label or info`,
    );
  }
  const wanted: Wanted = {
    labels: label === undefined ? undefined : labelOf(label, conditioning),
    codes: code === undefined ? undefined : codesOf(code, conditioning),
  };
  try {
    conditionFor({ conditioning }, wanted, [0]);
  } catch (error) {
    throw new UserError(`${flag}: ${(error as Error).message}`);
  }
  return wanted;
}

/** A class by name where there is one of that name, else by number. */
function labelOf(text: string, conditioning: Exclude<Conditioning, null>): Label {
  const isName = conditioning.kind === 'classes' && conditioning.names.includes(text);
  return !isName && /^\d+$/.test(text) ? Number(text) : text;
}

function codesOf(text: string, conditioning: Exclude<Conditioning, null>): readonly CodeValue[] {
  const codes = conditioning.kind === 'codes' ? conditioning.codes : [];
  return text.split(',').map((part, i): CodeValue => {
    const value = part.trim();
    if (value === '-') return null;
    const code = codes[i];
    const isChoice = code?.kind === 'choice' && code.choices.includes(value);
    return isChoice || value === '' || !Number.isFinite(Number(value)) ? value : Number(value);
  });
}
