// Opens a run to train: a new one, or a saved one at its newest checkpoint.
import { relative, resolve } from 'node:path';
import { flagOf, type TrainConfig } from '../../config/fields.ts';
import type { DecodeProgress } from '../../data/dataset.ts';
import { UserError } from '../../errors.ts';
import { loadNewestCheckpoint, type Checkpoint, type CheckpointMetadata } from '../../run/checkpoint.ts';
import { openRunFolder, type RunFolder } from '../../run/run-folder.ts';
import { openRun, type RunSetup } from '../../run/run-setup.ts';
import type { CommandContext } from '../../command-line/context.ts';
import { checkResumable, type TrainFlags } from './train-options.ts';
import type { TrainOutput } from './train-output.ts';

/** The run to resume; null for a new one. */
export async function openSaved(
  { resume, out }: TrainFlags,
  { cwd }: CommandContext,
): Promise<{ readonly folder: RunFolder; readonly config: TrainConfig } | null> {
  if (resume === null) return null;
  if (out !== null) {
    throw new UserError(
      '--out and --resume contradict each other: a resumed run stays in its folder; leave --out out',
    );
  }
  return openRunFolder(resolve(cwd, resume));
}

/**
 * Opens the run at its newest checkpoint, or at the beginning. Returns the checkpoint without its tensors, which the engine holds
 * from here on.
 */
export async function openAt(
  folder: RunFolder | null,
  config: TrainConfig,
  output: TrainOutput,
  how: { readonly signal: AbortSignal; readonly isVerbose: boolean },
): Promise<{ readonly opened: RunSetup; readonly from: Omit<Checkpoint, 'state'> | null }> {
  const checkpoint = folder && (await openCheckpoint(folder, output));
  if (folder !== null && checkpoint !== null) {
    checkResumable(checkpoint.metadata.config, config, checkpoint.path);
    checkTotal(checkpoint.metadata, config, folder.path);
  }
  const onDecoded = (progress: DecodeProgress): void => output.listen({ type: 'decoding', ...progress });
  const opened = await openRun({ config, checkpoint, ...how, onDecoded });
  return { opened, from: checkpoint && { path: checkpoint.path, metadata: checkpoint.metadata } };
}

/**
 * Throws UserError for a total below what the run has done, unless it is the total that the run ended with: there would be nothing to
 * train, and the run's configuration would be replaced.
 */
function checkTotal(done: CheckpointMetadata, config: TrainConfig, path: string): void {
  const key = (['steps', 'images', 'minutes'] as const).find((name) => config[name] !== null);
  if (key === undefined || config[key] === done.config[key]) return;
  const reached = { steps: done.step, images: done.images, minutes: done.secondsElapsed / 60 }[key];
  if (config[key]! >= reached) return;
  const shown = key === 'minutes' ? Math.ceil(reached * 100) / 100 : reached;
  const folder = relative(process.cwd(), path) || path;
  throw new UserError(
    `${flagOf(key)} ${config[key]}: ${folder} has done ${shown} ${key} already, and the total of the whole run cannot be less; ` +
      `give a larger ${flagOf(key)}, or leave it out`,
  );
}

/** The newest readable checkpoint; null if the run has saved none. Warns of unreadable ones. */
async function openCheckpoint(folder: RunFolder, { listen }: TrainOutput): Promise<Checkpoint | null> {
  const found = await loadNewestCheckpoint(folder.checkpoints);
  const warn = (message: string): void => listen({ type: 'warning', message });
  if (found === null) {
    warn(
      `${relative(process.cwd(), folder.path)}: no checkpoint had been saved; starting from the beginning`,
    );
    return null;
  }
  for (const complaint of found.complaints) {
    warn(`${complaint}; continuing from ${found.checkpoint.path} (step ${found.checkpoint.metadata.step})`);
  }
  return found.checkpoint;
}
