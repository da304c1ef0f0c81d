// Exports the networks of a configuration for points as a package to train in a page.
import { join, resolve } from 'node:path';
import { formatVersion } from '../../runtime-web/format/format-version.ts';
import { checkPoints } from '../../runtime-web/format/training/check-points.ts';
import { parseTrainable } from '../../runtime-web/format/training/parse-trainable.ts';
import type { TrainConfig } from '../config/fields.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { buildPackage, modelFileName } from '../model-package/package-folder.ts';
import { modelOf } from '../training/plan.ts';
import { planeKeys, planPlane } from '../training/plane-plan.ts';
import { trainableRecord } from './trainable-record.ts';
import { encodeTraining } from './training-files.ts';
import { describeTraining, writeGraphs } from './write-trainable.ts';

/** Options of {@link exportPlane}. */
export interface ExportPlaneOptions {
  /** Made by `planeConfig`. */
  readonly config: TrainConfig;
  /** The name of the package and of its method. */
  readonly name: string;
  /** The package's folder; an existing package is replaced. */
  readonly out: string;
}

/** Writes the package. Throws UserError if `out` cannot be written, ModelFormatError for a record that its readers would refuse. */
export async function exportPlane({ config, name, out }: ExportPlaneOptions): Promise<void> {
  const plan = planPlane(config);
  const folder = resolve(out);
  await buildPackage(folder, async (temporary) => {
    const files = await describeTraining(await writeGraphs(temporary, encodeTraining(plan, name)));
    const { latent } = modelOf(config, null);
    const content = {
      ...{ formatVersion, name, data: 'points', latent },
      trainable: {
        ...{ files, ...trainableRecord(config, plan), parity: [] },
        method: name,
        config: Object.fromEntries(planeKeys.map((key) => [key, config[key]])),
      },
    };
    checkPoints(parseTrainable(JSON.parse(JSON.stringify(content)), modelFileName), modelFileName);
    await writeFileAtomically(join(temporary, modelFileName), `${JSON.stringify(content)}\n`);
  });
}
