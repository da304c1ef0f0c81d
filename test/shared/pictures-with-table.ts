// Pictures with a table of labels: a yes-or-no attribute, a number and a class.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { smallPictures } from './command-line.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** 24 pictures and their CSV: every third is blue, sizes are 20 to 43, groups are a, b and c by turns. */
export async function picturesWithTable(): Promise<{
  readonly data: string;
  readonly labels: string;
  /** The lines of the table without its header. */
  readonly rows: readonly string[];
}> {
  const data = await smallPictures(24);
  const labels = join(temporaryFolder(), 'labels.csv');
  const rows = Array.from(
    { length: 24 },
    (_, i) => `${String(i).padStart(3, '0')}.png,${i % 3 === 0 ? 'yes' : 'no'},${20 + i},${'abc'[i % 3]}`,
  );
  writeFileSync(labels, ['file,blue,size,group', ...rows].join('\n'));
  return { data, labels, rows };
}
