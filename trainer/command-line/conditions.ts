// `--label` and `--code`: the class or the codes for which a conditional model generates.
import { conditionFor, type CodeValue, type Wanted } from '../../runtime-web/format/condition.ts';
import type { Conditioning, Model } from '../../runtime-web/format/model.ts';
import { anyText } from '../config/rules.ts';
import { UserError } from '../errors.ts';
import { option, type FlagsOf } from './options.ts';

/** The two options. */
export const conditionOptions = [
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

/** The condition that the flags ask for. Throws UserError for a class or code that the model does not have. */
export function wantedOf(
  { label, code }: FlagsOf<typeof conditionOptions>,
  model: Pick<Model, 'conditioning' | 'name'>,
): Wanted {
  const { conditioning } = model;
  if (label === null && code === null) return {};
  const flag = label === null ? `--code ${code ?? ''}` : `--label ${label}`;
  if (label !== null && code !== null) {
    throw new UserError('--label and --code contradict each other: a model has classes or codes, not both');
  }
  if (conditioning === null) {
    throw new UserError(
      `${flag}: ${model.name} has neither classes nor codes; leave it out, or train with --condition label or info`,
    );
  }
  const wanted: Wanted = {
    labels: label ?? undefined,
    codes: code === null ? undefined : codesOf(code, conditioning),
  };
  try {
    conditionFor({ conditioning }, wanted, [0]);
  } catch (error) {
    throw new UserError(`${flag}: ${(error as Error).message}`);
  }
  return wanted;
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
