// Writes the figures of an evaluation into model.json.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Metric as StoredMetric, Model } from '../../runtime-web/format/model.ts';
import { parseModel } from '../../runtime-web/format/parse-model.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { onDisk } from '../files/disk.ts';
import { modelFileName } from '../model-package/package-folder.ts';
import type { Measurement } from './measure-sets.ts';
import { metrics } from './table.ts';

/** Writes the figures that were measured; they replace those of the same name and protocol. Throws UserError if the file cannot be written. */
export async function storeMetrics(folder: string, { figures, protocol }: Measurement): Promise<void> {
  const fresh = metrics
    .flatMap(({ stored = [] }) => stored)
    .filter((name) => typeof figures[name] === 'number')
    .map((name): StoredMetric => ({ name, value: figures[name] as number, protocol }));
  await replaceMetrics(
    folder,
    fresh,
    ({ name, protocol: old }) => fresh.some((one) => one.name === name) && isDeepStrictEqual(old, protocol),
  );
}

/** Adds `fresh` figures to a model and removes those that `isOld` names. Throws UserError if the file cannot be written. */
export async function replaceMetrics(
  folder: string,
  fresh: readonly StoredMetric[],
  isOld: (metric: StoredMetric) => boolean,
): Promise<void> {
  const file = join(folder, modelFileName);
  const model = parseModel(JSON.parse(await readFile(file, 'utf8')), file);
  const next: Model = { ...model, metrics: [...model.metrics.filter((one) => !isOld(one)), ...fresh] };
  await onDisk(
    file,
    () => 'the model is as it was',
    () => writeFileAtomically(file, `${JSON.stringify(next, null, 2)}\n`),
  );
}
