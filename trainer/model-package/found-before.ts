// What commands have found about a model stays when its package is written again.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Model } from '../../runtime-web/format/model.ts';
import { parseModel } from '../../runtime-web/format/parse-model.ts';
import { modelFileName } from './package-folder.ts';
import { provenanceOf } from './provenance.ts';

/** The description of the package in a folder; null if there is none that can be read. */
export async function readPrevious(folder: string): Promise<Model | null> {
  try {
    return parseModel(JSON.parse(await readFile(join(folder, modelFileName), 'utf8')), modelFileName);
  } catch {
    return null;
  }
}

/** The metrics and directions of the replaced package if its generator is the same; otherwise none, with a warning if it had any. */
export function foundBefore(
  previous: Model | null,
  { generator }: Model['files'],
  onWarning: (message: string) => void,
): Pick<Model, 'metrics' | 'directions'> {
  const { metrics, directions } = previous ?? { metrics: [], directions: [] };
  if (previous?.files.generator.sha256 === generator.sha256) return { metrics, directions };
  const lost = [
    ...(directions.length > 0 ? ['directions (find them again with the command directions)'] : []),
    ...(metrics.length > 0 ? ['metrics (measure them again with evaluate --write)'] : []),
  ];
  if (lost.length > 0) {
    onWarning(
      `the model that was here, ${provenanceOf(previous!)}, had ${lost.join(' and ')}; the new model has none`,
    );
  }
  return { metrics: [], directions: [] };
}
