// Chooses the columns of labels that a run uses. A column of classes becomes the images' classes. An image without a value in a used
// column is left out; an unused column that some images lack is dropped.
import { UserError, didYouMean } from '../../errors.ts';
import type { AttributeInfo, ImageSource } from '../source.ts';

/** The labels that a run uses. */
export interface LabelUse {
  readonly condition: 'none' | 'label' | 'info' | 'attributes' | 'numbers';
  /** Names of the columns; null for all columns of the condition's kind. */
  readonly columns: readonly string[] | null;
}

/** All labels, without a condition: a single column of classes becomes the classes. */
export const noCondition: LabelUse = { condition: 'none', columns: null };

/** Max number of classes that numbers make. */
const maxClasses = 1000;
/** Max number of columns that a message lists. */
const maxListed = 6;
/** Words for the kinds of columns. */
const kindWords = { binary: 'yes or no', continuous: 'number', categorical: 'classes' } as const;

/** `smiling (yes or no), age (number), country (12 classes)`; of more than 6 columns the first ones. */
export function columnsText(attributes: readonly AttributeInfo[]): string {
  const listed = attributes
    .slice(0, maxListed)
    .map(
      ({ name, kind, values }) =>
        `${name} (${kind === 'categorical' ? `${values!.length} ` : ''}${kindWords[kind]})`,
    )
    .join(', ');
  const more = attributes.length - maxListed;
  return more > 0 ? `${listed} and ${more} more` : listed;
}

/**
 * The attributes of a condition, in the data's order. Throws UserError if there are none, and for names that are not of the kind.
 */
export function conditionAttributes(
  { condition, columns }: LabelUse & { readonly condition: 'attributes' | 'numbers' },
  attributes: readonly AttributeInfo[] | null,
  name: string,
): readonly AttributeInfo[] {
  const kind = condition === 'attributes' ? 'binary' : 'continuous';
  const all = attributes ?? [];
  const wanted =
    columns === null
      ? all.filter((each) => each.kind === kind)
      : columns.map((column) => find(all, column, name));
  const other = wanted.find((each) => each.kind !== kind);
  if (other !== undefined) {
    throw new UserError(
      `--label-column ${other.name}: it is ${columnsText([other])}, and --condition ${condition} takes ${kindWords[kind]}; leave it out`,
    );
  }
  if (wanted.length === 0) {
    const has = all.length === 0 ? 'no labels' : columnsText(all);
    throw new UserError(
      `--condition ${condition}: ${name} has no column of ${kindWords[kind]} (it has: ${has}); give them with --labels, ` +
        'a table with a line for each image, or take another --condition',
    );
  }
  const constant = wanted.find(({ range: [least, most] }) => least === most);
  if (constant !== undefined && columns !== null) {
    throw new UserError(
      `--label-column ${constant.name}: it is ${constant.range[0]} in every image; leave it out`,
    );
  }
  return all.filter((each) => wanted.includes(each) && each !== constant);
}

function find(attributes: readonly AttributeInfo[], column: string, name: string): AttributeInfo {
  const found = attributes.find((each) => each.name.normalize('NFC') === column);
  if (found !== undefined) return found;
  const names = attributes.map((each) => each.name);
  const has = names.length === 0 ? 'no labels' : columnsText(attributes);
  throw new UserError(
    `--label-column ${column}: ${name} has no such column${didYouMean(column, names)} (it has: ${has})`,
  );
}

/**
 * The column whose classes become the images' own; null to keep those that the images have. Throws UserError if `--condition label` must be told
 * which one.
 */
function classColumn(
  { condition, columns }: LabelUse,
  { attributes, classNames, classColumn: own, name }: ImageSource,
): AttributeInfo | null {
  const all = attributes ?? [];
  if (condition === 'attributes' || condition === 'numbers') columns = null;
  if (columns !== null) {
    if (columns.length === 1) return find(all, columns[0]!, name);
    throw new UserError(
      `--label-column: got ${columns.length} columns, and --condition ${condition} takes one, whose values are the classes`,
    );
  }
  if (own !== undefined) return null;
  const named = all.filter(({ kind }) => kind === 'categorical');
  // Without --condition label, classes are only of use to measures, for which no image is left out.
  if (named.length === 1 && (condition === 'label' || named[0]!.blanks === undefined)) return named[0]!;
  if (condition !== 'label' || (named.length === 0 && classNames !== null) || all.length === 0) return null;
  throw new UserError(
    `--condition label: ${name} has ${named.length === 0 ? 'no column of classes' : 'several columns of classes'}: ` +
      `${columnsText(named.length === 0 ? all : named)}; give --label-column with the one to use`,
  );
}

/** The source with the labels that are used. Throws UserError for columns that do not fit the condition. */
export async function useColumns(
  source: ImageSource,
  use: LabelUse,
  signal?: AbortSignal,
): Promise<ImageSource> {
  const { attributes, name } = source;
  if (attributes === null) {
    if (use.columns !== null) find([], use.columns[0]!, name);
    if (use.condition === 'attributes' || use.condition === 'numbers') {
      conditionAttributes({ ...use, condition: use.condition }, null, name);
    }
    return source;
  }
  const classes = classColumn(use, source);
  const used =
    use.condition === 'attributes' || use.condition === 'numbers'
      ? conditionAttributes({ ...use, condition: use.condition }, attributes, name)
      : classes === null
        ? []
        : [classes];
  const isKept = attributes.map((each) => used.includes(each) || (each.blanks ?? 0) === 0);
  if (classes === null && isKept.every(Boolean) && attributes.every(({ blanks }) => blanks === undefined))
    return source;
  const usedAt = used.map((each) => attributes.indexOf(each));
  const isWhole = (values: Float32Array): boolean => usedAt.every((at) => !Number.isNaN(values[at]));
  const classAt = classes === null ? -1 : attributes.indexOf(classes);
  const present = new Set<number>();
  let count = 0;
  for await (const { attributes: values } of source.images(signal)) {
    if (!isWhole(values!)) continue;
    count += 1;
    if (classAt >= 0) present.add(values![classAt]!);
  }
  const kept = attributes
    .filter((_, i) => isKept[i])
    .map(({ name: each, kind, values, range }) => ({ name: each, kind, values, range }));
  const dropped = attributes.filter((_, i) => !isKept[i]);
  const levels = [...present].sort((a, b) => a - b);
  if (classes?.kind === 'continuous' && (levels.length > maxClasses || !levels.every(Number.isInteger))) {
    throw new UserError(
      `--label-column ${classes.name}: its ${levels.length} different numbers are too many for classes or no whole numbers; ` +
        'take --condition numbers',
    );
  }
  const notes = [
    ...dropped.map(
      (each) =>
        `column ${each.name} has no value for ${imagesText(each)}, so it is not used; a --condition with it leaves them out`,
    ),
    ...used
      .filter(({ blanks }) => blanks !== undefined)
      .map(
        (each) =>
          `column ${each.name} has no value for ${imagesText(each)}, which --condition ${use.condition} leaves out`,
      ),
  ];
  return {
    ...source,
    count,
    attributes: kept,
    classColumn: classes?.name ?? source.classColumn,
    classNames: classes === null ? source.classNames : levels.map((level) => className(classes, level)),
    notes: [...(source.notes ?? []), ...notes],
    fingerprint: `${source.fingerprint}/columns ${JSON.stringify([classes?.name ?? null, kept.map((each) => each.name), usedAt])}`,
    async *images(given) {
      for await (const image of source.images(given)) {
        const values = image.attributes!;
        if (!isWhole(values)) continue;
        yield {
          ...image,
          label: classes === null ? image.label : levels.indexOf(values[classAt]!),
          attributes: values.filter((_, i) => isKept[i]),
        };
      }
    },
    close: () => source.close(),
  };
}

function imagesText({ blanks = 0 }: AttributeInfo): string {
  return blanks === 1 ? '1 image' : `${blanks.toLocaleString('en')} images`;
}

/** The class of a value: its name, `yes` or `no`, or the number itself. */
function className({ kind, values }: AttributeInfo, level: number): string {
  if (kind === 'categorical') return values![level]!;
  return kind === 'binary' ? ['no', 'yes'][level]! : String(Number(level.toPrecision(7)));
}
