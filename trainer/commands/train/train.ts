// `dcgan train`: makes or resumes a run, trains, and exports the result as a model package.
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { TrainConfig } from '../../config/fields.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { Engine } from '../../engine/engine.ts';
import { DeviceMemoryError } from '../../engine/engine.ts';
import { selectEngine } from '../../engine/select-engine.ts';
import { exportRun } from '../../export/export-run.ts';
import { findExported } from '../../run/find-checkpoint.ts';
import { imagesOfGrid } from '../../data/real-images.ts';
import { layGrid, writeMarkedGrid } from '../../pictures/grid.ts';
import { UserError } from '../../errors.ts';
import { methodName } from '../../config/method-name.ts';
import { loadCheckpointBefore } from '../../run/checkpoint.ts';
import { writeFileAtomically } from '../../files/atomic-file.ts';
import { onDisk } from '../../files/disk.ts';
import { changesBetween, recordChanges, type ConfigChanges } from '../../run/config-history.ts';
import type { RunEvent, RunListener } from '../../run/events.ts';
import { startLiveReport, type LiveReport } from '../../run/live-report.ts';
import type { LoopOutcome } from '../../run/loop.ts';
import { runLoop } from '../../run/loop.ts';
import type { RunFolder } from '../../run/run-folder.ts';
import { checkWritable, createRunFolder, removeLeftovers, writeConfig } from '../../run/run-folder.ts';
import type { RunLock } from '../../files/lock.ts';
import { lockRun } from '../../files/lock.ts';
import { RunRecord } from '../../run/run-record.ts';
import type { RunSetup } from '../../run/run-setup.ts';
import { describeDataset, openRun } from '../../run/run-setup.ts';
import { beginSession, endSession } from '../../run/sessions.ts';
import type { CommandContext } from '../../command-line/context.ts';
import { interruptedExitCode, isAbort } from '../../command-line/context.ts';
import { programVersion } from '../../command-line/invocation.ts';
import { runCommands } from '../../command-line/run-commands.ts';
import { planRun } from './dry-run.ts';
import { openAt, openSaved } from './open-saved.ts';
import type { TrainFlags } from './train-options.ts';
import { addTrainOptions, configFromFlags, describePresets } from './train-options.ts';
import type { ModelOfRun } from './train-output.ts';
import { jsonOutput, plainOutput } from './train-output.ts';
import { warnOfEnlarging, warnOfLength, warnOfSetup } from './train-warnings.ts';

/** The events that change the live report. */
const liveEvents: ReadonlySet<RunEvent['type']> = new Set(['report', 'samples', 'evaluation']);

/** Max number of rollbacks of a run. */
const maxRollbacks = 3;

/** Adds `train` to the program. */
export function addTrainCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('train')
    .description(
      'Train a generator on images. Writes a run folder with checkpoints, samples, a report and the model.',
    );
  addTrainOptions(command);
  const call = context.invocation('train');
  command.addHelpText(
    'after',
    `
${describePresets()}

Examples:
  ${call}                                           faces of 32x32, in minutes
  ${call} --data photos                             your own images at 32x32, in minutes
  ${call} --data photos --image-size 64 --minutes 60
  ${call} --data photos --preset dcgan-64 --minutes 60
  ${call} --resume runs/00001-avatars-dcgan-relativistic --steps 10000
  ${call} --from runs/00001-avatars-dcgan-relativistic --data photos   from a trained model, for few images
  ${call} --dry-run                                 the plan and the time it would take

--steps, --images and --minutes are totals of the whole run, also with --resume.
Ctrl-C saves and stops; --resume continues exactly where it stopped. A second Ctrl-C stops at once.`,
  );
  command.allowExcessArguments().action((flags: TrainFlags) => {
    const [word] = command.args;
    if (word !== undefined) {
      throw new UserError(
        `train: got the bare word '${word}', expected flags only; if these are the images: ${call} --data ${word} …`,
      );
    }
    return train(flags, context);
  });
}

async function train(flags: TrainFlags, context: CommandContext): Promise<void> {
  const output = flags.json ? jsonOutput(context) : plainOutput(context);
  let lock: RunLock | null = null;
  let setup: RunSetup | null = null;
  let folder: RunFolder | null = null;
  let outcome: LoopOutcome | null = null;
  let config: TrainConfig | null = null;
  let record: RunRecord | null = null;
  let live: LiveReport | null = null;
  const listen: RunListener = (event) => {
    output.listen(event);
    if (live === null || folder === null || config === null || record === null) return;
    if (liveEvents.has(event.type)) live.show({ folder, config, lines: record.statistics });
  };
  try {
    if (flags.watch !== null) live = await startLive(flags.watch, flags);
    const saved = await openSaved(flags, context);
    const out = resolve(context.cwd, flags.out ?? 'runs');
    const layer = saved && { source: saved.folder.config, values: { ...saved.config } };
    const { recipe, ...chosen } = await configFromFlags(flags, context, layer);
    config = chosen.config;
    if (saved === null) await checkWritable(out);
    else if (!flags.dryRun) lock = lockRun(saved.folder.lock);

    const how = { signal: context.signal, isVerbose: flags.verbose };
    const { opened, from } = await openAt(saved?.folder ?? null, config, output, how);
    setup = opened;
    warnOfSetup(setup, output);
    if (from === null) warnOfEnlarging(setup, config, output);
    const done = from?.metadata.images ?? 0;
    const plan = await planRun(setup, config, { isTimed: flags.dryRun, done, recipe });
    warnOfLength(setup, plan, done, output);
    output.showPlan(plan, { isWhole: flags.dryRun });
    if (flags.dryRun) return;

    folder = saved?.folder ?? (await createRunFolder(out, `${setup.dataset.name}-${methodName(config)}`));
    lock ??= lockRun(folder.lock);
    const step = from?.metadata.step ?? 0;
    const changes = from === null ? [] : changesBetween(from.metadata.config, config);
    await prepareFolder(folder, config, setup.dataset, { step, changes });
    await beginSession(folder, {
      startedAt: new Date().toISOString(),
      step,
      version: programVersion,
      engine: setup.engine.fingerprint,
      commands: runCommands(folder, config, { images: imagesIn(setup.dataset) }, context),
      ...(recipe !== null && { recipe: [recipe.title, ...recipe.reasons] }),
    });
    listen({ type: 'started', runDir: folder.path, step, resumedFrom: from?.path ?? null });
    if (live !== null) {
      live.show({ folder, config, lines: [] });
      listen({ type: 'watching', url: live.url });
    }
    if (changes.length > 0) listen({ type: 'changed', step, changes });
    let checkpoint = from;
    let rollbacks = from?.metadata.rollbacks ?? 0;
    for (let isRetry = false; ; isRetry = true) {
      record = await RunRecord.open({
        folder,
        config,
        engine: setup.engine.fingerprint,
        dataset: describeDataset(setup.dataset, setup.open.plan.conditioning),
        checkpoint,
        origin: setup.start?.origin ?? null,
        listener: listen,
      });
      live?.show({ folder, config, lines: record.statistics });
      outcome = await runLoop({
        ...setup,
        config,
        record,
        checkpoint,
        ...(isRetry && { rollbacks }),
        signal: context.signal,
        listener: listen,
      });
      if (outcome.collapse === null) break;
      if (rollbacks === maxRollbacks) throw record.collapsed(outcome.collapse, outcome.step);
      rollbacks += 1;
      const before = await loadCheckpointBefore(folder.checkpoints, outcome.collapse.since);
      const place = before === null ? 'the beginning' : `step ${before.metadata.step}`;
      output.listen({
        type: 'warning',
        message: `step ${outcome.step}: ${outcome.collapse.reason}; back to ${place} with new random latents (rollback ${rollbacks} of ${maxRollbacks})`,
      });
      await setup.close();
      setup = null;
      setup = await openRun({ config, checkpoint: before, ...how });
      checkpoint = before;
    }
    const model = outcome.isInterrupted
      ? null
      : await exportChosen(folder, config, setup.engine, listen, context.signal);
    const ending = outcome.isInterrupted
      ? 'interrupted'
      : outcome.isOutOfPatience
        ? 'out of patience'
        : 'finished';
    await endSession(folder, { how: ending, reason: null });
    await record.writePage({ now: true });
    if (config.patience !== null && !outcome.isInterrupted && outcome.evaluationShare === 0) {
      output.listen({
        type: 'warning',
        message: `--patience ${config.patience} had no effect: the run was too short for evaluations; give --evaluate-every a number of steps`,
      });
    }
    output.finish({ ...outcome, runDir: folder.path, model, patience: config.patience });
    if (outcome.isInterrupted) context.exitCode = interruptedExitCode;
  } catch (error) {
    if (!context.signal.aborted || !isAbort(error)) {
      const shown = error instanceof DeviceMemoryError ? outOfMemory(error, config, record) : error;
      output.fail(shown, folder?.path ?? null);
      if (record !== null && folder !== null) await recordFailure(folder, record, shown);
      throw shown;
    }
    // Aborted before the first step or after the last one, so there is nothing to save.
    const none = { step: 0, images: 0, imagesPerSecond: 0, collapse: null };
    const early = { isOutOfPatience: false, evaluationShare: 0 };
    output.finish({
      ...early,
      ...(outcome ?? none),
      isInterrupted: true,
      runDir: folder?.path ?? null,
      model: null,
      patience: null,
    });
    context.exitCode = interruptedExitCode;
  } finally {
    output.close();
    await live?.close();
    await setup?.close();
    lock?.release();
  }
}

/** Starts the live report. Throws UserError if there is nothing to show, or the port cannot be had. */
async function startLive(port: number, { dryRun }: TrainFlags): Promise<LiveReport> {
  if (dryRun) {
    throw new UserError(
      '--watch and --dry-run contradict each other: a dry run trains nothing that could be watched; leave one of them out',
    );
  }
  return startLiveReport(port);
}

/** Records in the report that training has failed; the error itself is what the user must see, so problems here are ignored. */
async function recordFailure(folder: RunFolder, record: RunRecord, error: unknown): Promise<void> {
  const message = error instanceof Error ? error.message : String(error);
  // The page is made to be shared, so it shows no paths of this machine.
  const reason = message.replaceAll(`${folder.path}/`, '').replaceAll(folder.path, 'this run');
  try {
    await endSession(folder, { how: 'failed', reason });
    await record.writePage({ now: true });
  } catch {
    return;
  }
}

/** Exports the checkpoint that the run asks for as a model package. */
async function exportChosen(
  folder: RunFolder,
  { tf32, threads, export: wanted }: TrainConfig,
  trained: Engine,
  listen: RunListener,
  signal: AbortSignal,
): Promise<ModelOfRun> {
  const { checkpoint, complaints } = await findExported(folder, wanted);
  for (const message of complaints) listen({ type: 'warning', message });
  const onProgress = (message: string): void => listen({ type: 'exporting', message });
  // TensorFloat-32 cannot be switched off again in this process, and is too imprecise for the export's comparison.
  const engine = tf32 ? (await selectEngine({ engine: 'onnx-cpu', threads })).engine : trained;
  try {
    const { folder: path, warnings } = await exportRun({ folder, checkpoint, engine, signal, onProgress });
    for (const message of warnings) listen({ type: 'warning', message });
    const { step, evaluation = null } = checkpoint.metadata;
    return { path, step, evaluation };
  } finally {
    if (engine !== trained) await engine.dispose();
  }
}

/** The error for a device without enough memory: what is saved, and which settings to lower. */
function outOfMemory(
  error: DeviceMemoryError,
  config: TrainConfig | null,
  record: RunRecord | null,
): UserError {
  const step = record?.savedStep ?? null;
  const saved = step === null ? 'nothing was saved yet' : `the checkpoint of step ${step} remains`;
  const sizes = config === null ? '' : ` (now ${config.batch}) or --base-width (now ${config.baseWidth})`;
  const flags =
    config?.batch === 2 ? `lower --base-width (now ${config.baseWidth})` : `lower --batch${sizes}`;
  return new UserError(`${error.message}; ${saved}; ${flags}`, { cause: error });
}

async function prepareFolder(
  folder: RunFolder,
  config: TrainConfig,
  dataset: Dataset,
  changes: ConfigChanges,
): Promise<void> {
  const { skipped } = dataset;
  await onDisk(
    folder.path,
    () => 'nothing has been trained',
    async () => {
      await removeLeftovers(folder);
      await recordChanges(folder, changes);
      await writeConfig(folder, config);
      await writeMarkedGrid(folder.reals, layGrid(await imagesOfGrid(dataset)));
      if (skipped.count === 0) await rm(folder.unreadable, { force: true });
      else await writeFileAtomically(folder.unreadable, `${skipped.names.join('\n')}\n`);
    },
  );
}

/** Number of images in the data, the unreadable ones included. */
function imagesIn({ count, skipped }: Dataset): number {
  return count + skipped.count;
}
