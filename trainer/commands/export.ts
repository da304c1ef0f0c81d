// `dcgan export`: makes a model package from a run's checkpoint.
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { freezeDiscriminator } from '../analysis/trained-run.ts';
import type { Dataset } from '../data/dataset.ts';
import { engineNames, type EngineName } from '../engine/engine.ts';
import { selectEngine } from '../engine/select-engine.ts';
import { UserError } from '../errors.ts';
import { exportRun, findCheckpoint } from '../export/export-run.ts';
import type { FrozenDiscriminator } from '../export/frozen-networks.ts';
import { openTrainingData } from '../restoring/open-restoring.ts';
import { openRunFolder } from '../run/run-folder.ts';
import type { CommandContext } from './context.ts';

interface ExportFlags {
  readonly checkpoint?: string;
  readonly out?: string;
  readonly engine?: 'auto' | EngineName;
  readonly activations?: true;
  readonly restoring?: true;
  readonly data?: string;
  readonly json?: true;
}

/** Adds `export` to the program. */
export function addExportCommand(program: Command, context: CommandContext): void {
  const call = context.invocation('export');
  program
    .command('export')
    .description('Make a model package from a run: checked ONNX files that Node and browsers draw from.')
    .argument('<run>', 'a run folder')
    .option('--checkpoint <name>', 'which of its checkpoints, as in step-000500; without it, the newest')
    .option('--out <dir>', "the package's folder; without it, 'model' in the run folder")
    .addOption(
      new Option('--engine <name>', "what draws the images to compare with; without it, the run's").choices([
        'auto',
        ...engineNames,
      ]),
    )
    .option('--activations', 'add a file that gives what each layer does, for pages that show it')
    .option(
      '--restoring',
      'add a file that restores pictures, for pages that do; it holds the discriminator too',
    )
    .option('--data <path>', "training images, for the discriminator's statistics; without it, the run's")
    .option('--json', 'print JSON lines only; the last one tells the model')
    .addHelpText(
      'after',
      `
Training ends with an export; this repeats it, for another checkpoint or a run that was interrupted.

Examples:
  ${call} runs/00001-avatars-dcgan
  ${call} runs/00001-avatars-dcgan --checkpoint step-000500 --out models/early
  ${call} runs/00001-avatars-dcgan --restoring --out models/restoring`,
    )
    .action((run: string, flags: ExportFlags) => exportCommand(run, flags, context));
}

async function exportCommand(run: string, flags: ExportFlags, context: CommandContext): Promise<void> {
  const { cwd, print, complain, signal } = context;
  const { folder } = await openRunFolder(resolve(cwd, run));
  const { checkpoint, complaints } = await findCheckpoint(folder, flags.checkpoint ?? null);
  for (const complaint of complaints) complain(`warning: ${complaint}; exporting ${checkpoint.path}`);
  const { config, step } = checkpoint.metadata;
  if (flags.data !== undefined && flags.restoring !== true) {
    throw new UserError('--data: needs --restoring; nothing else of an export looks at images');
  }
  const { engine } = await selectEngine({ engine: flags.engine ?? config.engine, threads: config.threads });
  let dataset: Dataset | null = null;
  try {
    let discriminator: FrozenDiscriminator | undefined;
    if (flags.restoring === true) {
      const data =
        flags.data === undefined || flags.data === 'avatars' ? flags.data : resolve(cwd, flags.data);
      dataset = await openTrainingData(config, data ?? null, signal);
      discriminator = await freezeDiscriminator(engine, { config, checkpoint }, dataset);
    }
    const {
      folder: out,
      model,
      warnings,
    } = await exportRun({
      folder,
      checkpoint,
      engine,
      ...(flags.out !== undefined && { out: resolve(cwd, flags.out) }),
      withActivations: flags.activations === true,
      discriminator,
      signal,
      onProgress: (message) => {
        if (flags.json) print(JSON.stringify({ event: 'exporting', message }));
        else print(message);
      },
    });
    for (const warning of warnings) complain(`warning: ${warning}`);
    if (flags.json) print(JSON.stringify({ event: 'done', model: out, step, warnings }));
    else print(`model     ${out} (${model.name}, step ${step})`);
  } finally {
    await engine.dispose();
    await dataset?.close();
  }
}
