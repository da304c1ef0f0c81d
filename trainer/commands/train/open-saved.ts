// Opens a run to train: a new one, or a saved one at its newest checkpoint.
import { relative, resolve } from 'node:path';
import type { TrainConfig } from '../../config/fields.ts';
import type { DecodeProgress } from '../../data/dataset.ts';
import { UserError } from '../../errors.ts';
import { loadNewestCheckpoint, type Checkpoint } from '../../run/checkpoint.ts';
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
  if (checkpoint !== null) checkResumable(checkpoint.metadata.config, config, checkpoint.path);
  const onDecoded = (progress: DecodeProgress): void => output.listen({ type: 'decoding', ...progress });
  const opened = await openRun({ config, checkpoint, ...how, onDecoded });
  return { opened, from: checkpoint && { path: checkpoint.path, metadata: checkpoint.metadata } };
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
