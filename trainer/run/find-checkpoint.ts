// Chooses a checkpoint of a run: by name, or the newest that can be read.
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
 * The checkpoint of a run by its name (`step-000500`), or the newest that can be read, with complaints about newer
 * ones that cannot. Throws UserError where there is none, CheckpointError where it cannot be read.
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
    const there = paths.map((held) => basename(held, '.safetensors')).join(', ');
    throw new UserError(
      `--checkpoint ${name}: there is no such checkpoint in ${folder.checkpoints} (there are: ${there})`,
    );
  }
  return { checkpoint: await loadCheckpoint(path), complaints: [] };
}

/** The classes of the data that a checkpoint was trained on; null where there were none. */
export function classNamesOf({ dataset }: Pick<CheckpointMetadata, 'dataset'>): readonly string[] | null {
  const { classNames } = dataset;
  return Array.isArray(classNames) && classNames.length > 0 ? classNames.map(String) : null;
}
