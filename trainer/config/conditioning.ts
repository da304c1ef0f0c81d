// Derives a generator's conditioning from the configuration and the classes of the data: none, class labels, or InfoGAN's codes.
import type { Code, Conditioning } from '../../runtime-web/format/model.ts';
import { parseClassList } from '../data/only-classes.ts';
import { UserError } from '../errors.ts';
import type { TrainConfig } from './fields.ts';

type ConditionConfig = Pick<TrainConfig, 'condition' | 'codes' | 'data' | 'classNames'>;

/**
 * The conditioning of a run on data with the classes `classNames` (null without classes). Throws UserError if `--condition label`
 * meets data with fewer than 2 classes, or if `--class-names` has another number of names than the data have classes.
 */
export function conditioningOf(
  { condition, codes, data, classNames: given }: ConditionConfig,
  classNames: readonly string[] | null,
): Conditioning {
  if (condition === 'none') return null;
  if (condition === 'info') return { kind: 'codes', codes: parseCodes(codes ?? '') };
  if (classNames === null || classNames.length < 2) {
    const found = classNames === null ? 'no classes' : `the class ${classNames[0] ?? ''} alone`;
    throw new UserError(
      `--condition label: ${data} has ${found}; give images in a folder for each class, or leave --condition out`,
    );
  }
  if (given === null) return { kind: 'classes', names: classNames };
  const names = parseClassList('--class-names', given);
  if (names.length !== classNames.length) {
    throw new UserError(
      `--class-names: got ${names.length} names, expected ${classNames.length}, for ${classNames.join(', ')} of ${data}`,
    );
  }
  return { kind: 'classes', names };
}

/**
 * Parses the list of `--codes`: `categorical:10,continuous:2` is one choice of 10 and 2 numbers in [-1, 1]. Throws UserError for
 * any other text.
 */
export function parseCodes(text: string): readonly Code[] {
  const parts = text.split(',').map((part) => {
    const [, kind, count] = /^\s*(categorical|continuous)\s*:\s*(\d{1,4})\s*$/.exec(part) ?? [];
    const min = kind === 'categorical' ? 2 : 1;
    if (kind === undefined || Number(count) < min) {
      throw new UserError(
        `--codes ${text}: got '${part.trim()}', expected a list such as categorical:10,continuous:2 ` +
          '(categorical codes have at least 2 choices)',
      );
    }
    return { kind, count: Number(count) };
  });
  const choices = parts.filter(({ kind }) => kind === 'categorical').length;
  let choice = 0;
  let number = 0;
  return parts.flatMap(({ kind, count }): Code[] => {
    if (kind === 'continuous') {
      return Array.from({ length: count }, () => ({
        kind: 'continuous',
        name: `code ${++number}`,
        least: -1,
        most: 1,
      }));
    }
    const name = choices > 1 ? `category ${++choice}` : 'category';
    return [{ kind: 'choice', name, choices: Array.from({ length: count }, (_, i) => `${i}`) }];
  });
}
