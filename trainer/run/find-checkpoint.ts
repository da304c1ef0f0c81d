// Chooses a checkpoint of a run: by name, the best one, or the newest readable one.
import { basename, join } from 'node:path';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import { isConditioning } from '../../runtime-web/format/parse-conditioning.ts';
import { conditioningOf } from '../config/conditioning.ts';
import type { TrainConfig } from '../config/fields.ts';
import { CheckpointError, UserError } from '../errors.ts';
import {
  checkpointName,
  listCheckpoints,
  loadCheckpoint,
  loadNewestCheckpoint,
  readCheckpointMetadata,
  type Checkpoint,
  type CheckpointMetadata,
} from './checkpoint.ts';
import type { Best } from './evaluations.ts';
import type { RunFolder } from './run-folder.ts';

/**
 * The checkpoint called `name` (`step-000500`, or `best`), or for null or `last` the newest readable one, with a complaint for each
 * newer one that is unreadable. Throws UserError if there is none, CheckpointError if it is unreadable.
 */
export async function findCheckpoint(
  folder: RunFolder,
  name: string | null,
): Promise<{ readonly checkpoint: Checkpoint; readonly complaints: readonly string[] }> {
  const paths = await listCheckpoints(folder.checkpoints).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (paths.length === 0) {
    throw new UserError(`${folder.path}: the run has saved no checkpoint yet; let it train on with --resume`);
  }
  if (name === 'best') {
    if ((await readBest(folder)) !== null)
      return { checkpoint: await loadCheckpoint(folder.best), complaints: [] };
    throw new UserError(
      `--checkpoint best: ${folder.path} has no evaluations, so no step is known to be the best; ` +
        'leave --checkpoint out for the newest, or train on with --resume and --evaluate-every',
    );
  }
  if (name === null || name === 'last') return (await loadNewestCheckpoint(folder.checkpoints))!;
  const step = Number(/^(?:step-)?(\d+)(?:\.safetensors)?$/.exec(basename(name))?.[1]);
  const path = join(folder.checkpoints, checkpointName(step));
  if (!paths.includes(path)) {
    const best = (await readBest(folder)) === null ? [] : [folder.best];
    const names = [...paths, ...best].map((saved) => basename(saved, '.safetensors')).join(', ');
    throw new UserError(
      `--checkpoint ${name}: there is no such checkpoint in ${folder.checkpoints} (there are: ${names})`,
    );
  }
  return { checkpoint: await loadCheckpoint(path), complaints: [] };
}

/**
 * The checkpoint that becomes the run's model: the best one where there are evaluations and `wanted` says so, else the newest readable
 * one, with complaints as {@link findCheckpoint} and one for a best checkpoint that is damaged. Throws as that does.
 */
export async function findExported(
  folder: RunFolder,
  wanted: TrainConfig['export'],
): Promise<{ readonly checkpoint: Checkpoint; readonly complaints: readonly string[] }> {
  if (wanted === 'last' || (await readBest(folder)) === null) return findCheckpoint(folder, null);
  try {
    return await findCheckpoint(folder, 'best');
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    const { checkpoint, complaints } = await findCheckpoint(folder, null);
    return { checkpoint, complaints: [error.message, ...complaints] };
  }
}

/** The best evaluation of a run, whose checkpoint is `best`; null without one, or if its file cannot be read. */
export async function readBest({ best }: Pick<RunFolder, 'best'>): Promise<Best | null> {
  try {
    const { step, evaluation } = await readCheckpointMetadata(best);
    return evaluation === undefined ? null : { step, evaluation };
  } catch (error) {
    if (error instanceof CheckpointError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** The attributes or numbers that condition a checkpoint's generator; null for another generator. Throws CheckpointError for damaged ones. */
export function savedConditioning(metadata: Pick<CheckpointMetadata, 'dataset'> | undefined): Conditioning {
  const saved = metadata?.dataset['conditioning'];
  if (saved === undefined) return null;
  try {
    return isConditioning(saved, { file: 'checkpoint', path: 'dataset.conditioning', isLenient: true });
  } catch (error) {
    throw new CheckpointError(error instanceof Error ? error.message : String(error));
  }
}

/** The generator's inputs beside z at a checkpoint. */
export function conditioningAt({
  config,
  dataset,
}: Pick<CheckpointMetadata, 'config' | 'dataset'>): Conditioning {
  const saved = savedConditioning({ dataset });
  if (saved !== null) return saved;
  const name = String(dataset['name'] ?? 'the data');
  return conditioningOf(config, {
    name,
    classNames: classNamesOf({ dataset }),
    attributes: null,
    examples: null,
  });
}

/** The class names of a checkpoint's training data; null for data without classes. */
export function classNamesOf({ dataset }: Pick<CheckpointMetadata, 'dataset'>): readonly string[] | null {
  const { classNames } = dataset;
  return Array.isArray(classNames) && classNames.length > 0 ? classNames.map(String) : null;
}
