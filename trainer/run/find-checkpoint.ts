// Chooses a checkpoint of a run: by name, or the newest readable one.
import { basename, join } from 'node:path';
import { UserError } from '../errors.ts';
import {
  checkpointName,
  listCheckpoints,
  loadCheckpoint,
  loadNewestCheckpoint,
  type Checkpoint,
  type CheckpointMetadata,
} from './checkpoint.ts';
import type { RunFolder } from './run-folder.ts';

/**
 * The checkpoint called `name` (`step-000500`), or for null the newest readable one, with a complaint for each newer one that is
 * unreadable. Throws UserError if there is none, CheckpointError if it is unreadable.
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
  if (name === null) return (await loadNewestCheckpoint(folder.checkpoints))!;
  const step = Number(/^(?:step-)?(\d+)(?:\.safetensors)?$/.exec(basename(name))?.[1]);
  const path = join(folder.checkpoints, checkpointName(step));
  if (!paths.includes(path)) {
    const names = paths.map((saved) => basename(saved, '.safetensors')).join(', ');
    throw new UserError(
      `--checkpoint ${name}: there is no such checkpoint in ${folder.checkpoints} (there are: ${names})`,
    );
  }
  return { checkpoint: await loadCheckpoint(path), complaints: [] };
}

/** The class names of a checkpoint's training data; null for data without classes. */
export function classNamesOf({ dataset }: Pick<CheckpointMetadata, 'dataset'>): readonly string[] | null {
  const { classNames } = dataset;
  return Array.isArray(classNames) && classNames.length > 0 ? classNames.map(String) : null;
}
