// The columns of a run's sample grids. With classes, each has a column of its own, and `samples/columns.json` has their names, so that the
// report can show them; without that file a grid is about square.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainConfig } from '../config/fields.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { columnClasses } from '../pictures/class-columns.ts';

const fileName = 'columns.json';

/** The names of the columns of a folder of sample grids; null for grids that are about square. */
export async function readSampleColumns(folder: string): Promise<readonly string[] | null> {
  try {
    const names: unknown = JSON.parse(await readFile(join(folder, fileName), 'utf8'));
    return Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === 'string')
      ? names
      : null;
  } catch {
    return null;
  }
}

/** Decides on the columns of a run's grids and records them. Grids that are there already keep theirs. */
export async function prepareSampleColumns(
  folder: string,
  { condition, sampleCount }: Pick<TrainConfig, 'condition' | 'sampleCount'>,
  classNames: readonly string[] | null,
): Promise<readonly string[] | null> {
  if ((await readdir(folder)).some((name) => name.endsWith('.png'))) return readSampleColumns(folder);
  if (condition !== 'label' || classNames === null) return null;
  const seeds = Array.from({ length: sampleCount }, (_, seed) => seed);
  const columns = columnClasses({ conditioning: { kind: 'classes', names: classNames } }, seeds);
  if (columns !== null) await writeFileAtomically(join(folder, fileName), `${JSON.stringify(columns)}\n`);
  return columns;
}
