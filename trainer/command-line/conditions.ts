// `--where`, `--label` and `--code`: the condition for which a conditional model generates.
import { conditionFields } from '../../runtime-web/format/condition-fields.ts';
import { conditionFor, type CodeValue, type Wanted } from '../../runtime-web/format/condition.ts';
import { UnknownNameError } from '../../runtime-web/format/names.ts';
import { conditionText } from '../../runtime-web/format/condition-text.ts';
import type { Conditioning, Model } from '../../runtime-web/format/model.ts';
import { anyText } from '../config/rules.ts';
import { didYouMean, UserError } from '../errors.ts';
import { option, type FlagsOf } from './options.ts';

/** The three options. */
export const conditionOptions = [
  option(
    '--where <list>',
    "attributes, numbers, class or codes by name, such as 'smiling=yes age=30'; the others follow from the seed",
    anyText,
  ),
  option(
    '--label <n|name>',
    'class to generate; by default seed s has class s modulo the number of classes',
    anyText,
  ),
  option(
    '--code <list>',
    "one value for each of the model's codes, separated by commas; '-' leaves a code to the seed",
    anyText,
  ),
];

/** The condition that the flags ask for. Throws UserError for one that the model does not have. */
export function wantedOf(
  { where, label, code }: FlagsOf<typeof conditionOptions>,
  model: Pick<Model, 'conditioning' | 'name'>,
): Wanted {
  const { conditioning } = model;
  const given = Object.entries({ where, label, code }).filter(([, value]) => value !== null);
  if (given.length === 0) return {};
  const flag = given.map(([name, value]) => `--${name} ${value}`).join(' and ');
  if (given.length > 1) throw new UserError(`${flag}: contradict each other; give one of them`);
  if (conditioning === null) {
    throw new UserError(
      `${flag}: ${model.name} has neither classes nor codes, attributes or numbers; leave it out, ` +
        'or train with --condition',
    );
  }
  const wanted: Wanted = {
    condition: where ?? undefined,
    labels: label ?? undefined,
    codes: code === null ? undefined : codesOf(code, conditioning),
  };
  try {
    conditionFor({ conditioning }, wanted, [0]);
  } catch (error) {
    const { message } = error as Error;
    let hint = where === null ? otherFlag(conditioning) : '';
    if (error instanceof UnknownNameError) hint = didYouMean(error.cause.name, error.cause.known);
    throw new UserError(`${flag}: ${message.replace(/^condition: /, '')}${hint}`);
  }
  return wanted;
}

/** Names the flag for attributes and numbers, which --label and --code do not choose. */
function otherFlag(conditioning: Exclude<Conditioning, null>): string {
  if (conditioning.kind === 'classes' || conditioning.kind === 'codes') return '';
  const [field] = conditionFields(conditioning);
  const value = field?.kind === 'number' ? field.least : 1;
  return `; give --where '${conditionText({ [field!.name]: value })}'`;
}

function codesOf(text: string, conditioning: Exclude<Conditioning, null>): readonly CodeValue[] {
  const codes = conditioning.kind === 'codes' ? conditioning.codes : [];
  return text.split(',').map((part, i): CodeValue => {
    const value = part.trim();
    if (value === '-') return null;
    const isChoice = codes[i]?.kind === 'choice';
    return isChoice || value === '' || !Number.isFinite(Number(value)) ? value : Number(value);
  });
}
