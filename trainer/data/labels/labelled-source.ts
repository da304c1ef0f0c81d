// Joins a source of image files with a table of labels: each column becomes an attribute. Images without a row are left out.
import { UserError } from '../../errors.ts';
import type { AttributeInfo, ImageSource } from '../source.ts';
import { tidy } from './column.ts';
import { shortList, type LabelTable } from './label-file.ts';
import { matchFiles } from './match-files.ts';

/**
 * The source with the table's labels; an attribute that a blank cell leaves without a value is NaN. Closing it closes `source`. Throws
 * UserError if the table names none of the images or less than half of them, has two rows with different labels for one image, or a
 * name that several images have.
 */
export async function labelledSource(
  source: ImageSource,
  table: LabelTable,
  signal?: AbortSignal,
): Promise<ImageSource> {
  const { path, files, places, columns, fileColumn } = table;
  const where = `labels ${path}`;
  const images: string[] = [];
  for await (const { name } of source.images(signal)) images.push(name);
  const { imageOf, ambiguous } = matchFiles(files, images);
  if (ambiguous.length > 0) {
    const { row, images: several } = ambiguous[0]!;
    throw new UserError(
      `${where}: ${files[row]} (${places[row]}) is ${several.length} images of ${source.name}: ` +
        `${shortList(several.map((i) => images[i]!))}; give paths relative to the data`,
    );
  }
  const rowOf = new Int32Array(images.length).fill(-1);
  const twice: string[] = [];
  const extra: string[] = [];
  imageOf.forEach((image, row) => {
    if (image < 0) return void extra.push(files[row]!);
    const first = rowOf[image]!;
    if (first < 0) return void (rowOf[image] = row);
    twice.push(`${files[row]} (${places[first]} and ${places[row]})`);
    const differing = columns.find(({ values }) => !Object.is(values[first], values[row]));
    if (differing === undefined) return;
    throw new UserError(
      `${where}: ${places[first]} and ${places[row]} both name ${images[image]}, with another ${differing.info.name}; keep one of them`,
    );
  });
  const missing = images.filter((_, i) => rowOf[i]! < 0);
  const count = images.length - missing.length;
  const looked =
    `the first column, ${fileColumn === '' ? 'which has no name,' : `${fileColumn},`} was compared with paths such as ${images[0]}, ` +
    'with their ends, and without their endings';
  if (count === 0) {
    throw new UserError(
      `${where}: none of its ${files.length} files (${shortList(files)}) is among the ${images.length} images of ${source.name}; ${looked}`,
    );
  }
  if (count < images.length / 2) {
    throw new UserError(
      `${where}: ${missing.length} of ${images.length} images of ${source.name} have no label: ${shortList(missing)}; ${looked}; ` +
        'add their lines, or give the labelled images in a folder of their own',
    );
  }
  const notes = [
    ...(source.notes ?? []),
    ...table.notes,
    ...counted(missing, 'image has no label and is left out', 'images have no label and are left out'),
    ...counted(extra, 'line of labels names no image', 'lines of labels name no image'),
    ...counted(
      twice,
      'image is named twice, with the same labels',
      'images are named twice, with the same labels',
    ),
  ];
  const attributes = columns.map(({ info, values }): AttributeInfo => {
    let [blanks, least, most] = [0, Infinity, -Infinity];
    for (const row of rowOf) {
      if (row < 0) continue;
      const value = values[row]!;
      if (Number.isNaN(value)) blanks += 1;
      else [least, most] = [Math.min(least, value), Math.max(most, value)];
    }
    const range =
      info.kind === 'continuous' && blanks < count ? ([tidy(least), tidy(most)] as const) : info.range;
    return { ...info, range, ...(blanks > 0 && { blanks }) };
  });
  return {
    ...source,
    count,
    attributes,
    classColumn: undefined,
    notes,
    fingerprint: `${source.fingerprint}/labels ${table.fingerprint}`,
    async *images(given) {
      let i = 0;
      for await (const image of source.images(given)) {
        const row = rowOf[i++]!;
        if (row < 0) continue;
        yield { ...image, attributes: Float32Array.from(columns, ({ values }) => values[row]!) };
      }
    },
    close: () => source.close(),
  };
}

/** The sentence about some names; none for an empty list. */
function counted(names: readonly string[], one: string, several: string): readonly string[] {
  if (names.length === 0) return [];
  return [`${names.length.toLocaleString('en')} ${names.length === 1 ? one : several}: ${shortList(names)}`];
}
