// Opens the model that a command is given. A run that was stopped has no model yet, or an older one than its newest checkpoint; both
// are said with the command that exports one.
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../errors.ts';
import { modelFileName } from '../model-package/package-folder.ts';
import { openPackage, type ModelPackage } from '../model-package/read-package.ts';
import { listCheckpoints } from '../run/checkpoint.ts';
import { runFolderAt, type RunFolder } from '../run/run-folder.ts';
import type { CommandContext } from './context.ts';
import { shownPath } from './outputs.ts';

/**
 * Opens the package at `path` as `openPackage` does, and warns if its run has a newer checkpoint. Throws UserError for a run that has
 * no model yet.
 */
export async function openModel(path: string, context: CommandContext): Promise<ModelPackage> {
  await refuseRunWithoutModel(path, context);
  const opened = await openPackage(path);
  const run = runFolderAt(dirname(opened.folder));
  if (run.model !== opened.folder || !(await isThere(run.config))) return opened;
  const [newest] = await checkpointsOf(run);
  const newestStep = newest === undefined ? 0 : Number(/\d+/.exec(basename(newest))?.[0]);
  const steps = opened.model.training?.steps ?? 0;
  if (newestStep > steps) {
    context.warn(
      `warning: the model is of step ${steps}, and the run has a checkpoint of step ${newestStep}; ` +
        `to use it: ${context.invocation('export')} ${shownPath(context.cwd, run.path)}`,
    );
  }
  return opened;
}

/** Throws UserError if `path` is a run, or the place of a run's model, and no model has been exported there. */
export async function refuseRunWithoutModel(
  path: string,
  { cwd, invocation }: Pick<CommandContext, 'cwd' | 'invocation'>,
): Promise<void> {
  const isModelPlace = runFolderAt(dirname(path)).model === path;
  const run = runFolderAt(isModelPlace ? dirname(path) : path);
  if (!(await isThere(run.config)) || (await isThere(join(run.model, modelFileName)))) return;
  if (await isThere(join(run.path, modelFileName))) return;
  const shown = shownPath(cwd, run.path);
  const call =
    (await checkpointsOf(run)).length > 0
      ? `${invocation('export')} ${shown}`
      : `${invocation('train')} --resume ${shown}`;
  throw new UserError(`${shown}: the run has no model yet, it was stopped before its end; make one: ${call}`);
}

/** Newest first. */
function checkpointsOf(run: RunFolder): Promise<readonly string[]> {
  return listCheckpoints(run.checkpoints).catch(() => []);
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}
