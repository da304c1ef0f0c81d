// Exports the networks of a configuration as a package to train in a page: without a run, hence without a trained generator.
import { resolve } from 'node:path';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import { formatVersion } from '../../runtime-web/format/format-version.ts';
import { Random } from '../../runtime-web/format/random.ts';
import { runSeeds } from '../../runtime-web/format/training/seeds.ts';
import type { Trainable } from '../../runtime-web/format/training/trainable.ts';
import { parseCodes } from '../config/conditioning.ts';
import type { TrainConfig } from '../config/fields.ts';
import { imageShape } from '../config/image-size.ts';
import { parseClassList } from '../data/only-classes.ts';
import type { Engine } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import { writePackageFile } from '../model-package/model-file.ts';
import { buildPackage } from '../model-package/package-folder.ts';
import { modelOf, planTraining } from '../training/plan.ts';
import { refuseUntrainable } from './trainable-record.ts';
import { writeTrainable } from './write-trainable.ts';

/** Options of {@link exportTrainable}. */
export interface ExportTrainableOptions {
  readonly config: TrainConfig;
  /** Computes what the files are compared with; null for files that a test compares. */
  readonly engine: Engine | null;
  readonly name: string;
  /** The package's folder; an existing package is replaced. */
  readonly out: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (message: string) => void;
}

/**
 * Writes the package. Throws UserError for a configuration that cannot be trained without a run or in a page, and if `out` cannot be
 * written; ExportError, with nothing written, if a file differs from the engine.
 */
export async function exportTrainable(options: ExportTrainableOptions): Promise<Trainable> {
  const { config, engine, name, out, signal, onProgress = () => undefined } = options;
  refuseUntrainable(config);
  const conditioning = conditioningWithoutData(config);
  const plan = planTraining(config, conditioning);
  const state = plan.initialState(new Random(runSeeds(config).weightSeed));
  await engine?.writeState(state);
  return await buildPackage(resolve(out), async (folder) => {
    const trainable = await writeTrainable(folder, {
      ...{ config, plan, engine, state, name, signal, onProgress },
      checkpoint: null,
    });
    await writePackageFile(folder, {
      formatVersion,
      name,
      ...imageShape(config),
      ...modelOf(config, conditioning),
      files: {},
      training: null,
      origin: null,
      parity: { seeds: [], figures: [] },
      metrics: [],
      directions: [],
      steering: null,
      styles: null,
      calibration: null,
      trainable,
    });
    return trainable;
  });
}

/** The generator's second input by the configuration alone. Throws UserError for one that only data have. */
function conditioningWithoutData({ condition, codes, classNames, from, freezeD }: TrainConfig): Conditioning {
  if (from !== null || freezeD > 0)
    throw new UserError('--trainable: --from needs a run to start from; train with it, then export that run');
  if (condition === 'none') return null;
  if (condition === 'info') return { kind: 'codes', codes: parseCodes(codes ?? '') };
  if (condition === 'label' && classNames !== null) {
    const names = parseClassList('--class-names', classNames);
    if (names.length >= 2) return { kind: 'classes', names };
  }
  throw new UserError(
    condition === 'label'
      ? '--trainable: --condition label without a run needs the names of the classes, at least 2: give classNames in --config'
      : `--trainable: --condition ${condition} takes its columns from labelled images; train on them, then export that run`,
  );
}
