// Derives a generator's conditioning from the configuration and the labels of the data: none, classes, attributes,
// numbers, or InfoGAN's codes.
import type { Code, Conditioning } from '../../runtime-web/format/model.ts';
import type { ScaledAttribute } from '../data/batch-sampler.ts';
import type { Dataset } from '../data/dataset.ts';
import { tidy } from '../data/labels/column.ts';
import { conditionAttributes, type LabelUse } from '../data/labels/use-columns.ts';
import { parseClassList } from '../data/only-classes.ts';
import type { AttributeInfo } from '../data/source.ts';
import { UserError } from '../errors.ts';
import type { TrainConfig } from './fields.ts';

type ConditionConfig = Pick<TrainConfig, 'condition' | 'codes' | 'data' | 'classNames' | 'labelColumn'>;

/** The labels of data. */
export type DataLabels = Pick<Dataset, 'name' | 'classNames' | 'attributes' | 'examples'>;

/**
 * The conditioning of a run on data with these labels. Throws UserError if the data lack what `--condition` takes (`label`: 2 classes or
 * more), or if `--class-names` has another number of names than the data have classes.
 */
export function conditioningOf(config: ConditionConfig, labels: DataLabels): Conditioning {
  const { condition, codes } = config;
  if (condition === 'none') return null;
  if (condition === 'info') return { kind: 'codes', codes: parseCodes(codes ?? '') };
  return condition === 'label'
    ? classesOf(config, labels.classNames)
    : exampleConditioning(config, condition, labels);
}

/** The labels that a configuration uses. */
export function labelUseOf({
  condition,
  labelColumn,
}: Pick<TrainConfig, 'condition' | 'labelColumn'>): LabelUse {
  return { condition, columns: labelColumn === null ? null : parseClassList('--label-column', labelColumn) };
}

function exampleConditioning(
  config: ConditionConfig,
  condition: 'attributes' | 'numbers',
  { name, attributes, examples }: DataLabels,
): Conditioning {
  const used = conditionAttributes({ ...labelUseOf(config), condition }, attributes, name);
  const indices = used.map((each) => attributes!.indexOf(each));
  const rows = (examples ?? []).map((row) => indices.map((index) => tidy(row[index]!)));
  if (condition === 'attributes') {
    return { kind: 'attributes', names: used.map((each) => each.name), examples: rows };
  }
  const numbers = used.map((each) => ({ name: each.name, least: each.range[0], most: each.range[1] }));
  // Single precision may round an example out of the range.
  const within = rows.map((row) =>
    row.map((value, i) => Math.min(numbers[i]!.most, Math.max(numbers[i]!.least, value))),
  );
  return { kind: 'numbers', numbers, examples: within };
}

/** The columns of a conditioning among a dataset's attributes, scaled as the networks get them; null for classes, codes and none. */
export function scaledAttributes(
  conditioning: Conditioning,
  attributes: readonly AttributeInfo[] | null,
): readonly ScaledAttribute[] | null {
  const index = (name: string): number => {
    const found = (attributes ?? []).findIndex((each) => each.name === name);
    if (found < 0) throw new UserError(`data: the images have no label ${name}, which the generator takes`);
    return found;
  };
  if (conditioning?.kind === 'attributes') {
    return conditioning.names.map((name) => ({ index: index(name), factor: 1, offset: 0 }));
  }
  if (conditioning?.kind !== 'numbers') return null;
  return conditioning.numbers.map(({ name, least, most }) => {
    const factor = 2 / (most - least);
    return { index: index(name), factor, offset: -least * factor - 1 };
  });
}

function classesOf(
  { data, classNames: given }: Pick<ConditionConfig, 'data' | 'classNames'>,
  classNames: readonly string[] | null,
): Conditioning {
  if (classNames === null || classNames.length < 2) {
    const found = classNames === null ? 'no classes' : `the class ${classNames[0] ?? ''} alone`;
    throw new UserError(
      `--condition label: ${data} has ${found}; give images in a folder for each class or --labels, or leave --condition out`,
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
