// `dcgan export`: makes a model package from a checkpoint of a run.
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { packageFiles } from '../../runtime-web/format/package-files.ts';
import type { CommandContext } from '../command-line/context.ts';
import { flagValue } from '../command-line/flags.ts';
import { conditioningOf } from '../config/conditioning.ts';
import { wholeNumber } from '../config/rules.ts';
import { engineNames, type EngineName } from '../engine/engine.ts';
import { selectEngine } from '../engine/select-engine.ts';
import { UserError } from '../errors.ts';
import { exportRun } from '../export/export-run.ts';
import { attributeClassifier, discriminatorInputs, type ImageInputs } from '../export/image-inputs.ts';
import { flagOf, type Part } from '../export/parts/part.ts';
import { parts } from '../export/parts/table.ts';
import { classNamesOf, findCheckpoint } from '../run/find-checkpoint.ts';
import { openRunFolder } from '../run/run-folder.ts';

interface ExportFlags {
  readonly checkpoint?: string;
  readonly out?: string;
  readonly engine?: 'auto' | EngineName;
  readonly classifierSteps: string;
  readonly data?: string;
  readonly json?: true;
  /** The flags of optional files, under commander's names. */
  readonly [name: string]: unknown;
}

/** What an optional file asks of the training images, for `--help`. */
const needs = {
  discriminator: 'needs the training images',
  classifier: 'trains a classifier, so needs training images with attribute labels',
} as const satisfies Record<keyof ImageInputs, string>;

/** The parts that a flag adds, each with its flag. */
const optionalParts = parts.flatMap((part) => {
  const flag = flagOf(part);
  return flag === null ? [] : [{ part, flag, option: new Option(flag, helpOf(part)) }];
});

/** The flags of parts that need training images, as a sentence lists them. */
const flagsWithImages = optionalParts
  .filter(({ part }) => part.needs !== undefined)
  .map(({ flag }) => flag)
  .join(', ')
  .replace(/, ([^,]*)$/, ' and $1');

/** Adds `export` to the program. */
export function addExportCommand(program: Command, context: CommandContext): void {
  const call = context.invocation('export');
  const command = program
    .command('export')
    .summary('Turn a trained run into a model package: ONNX files for Node and browsers.')
    .description(
      'Turn a checkpoint of a run into a model package: a folder with the generator as ONNX files, a preview ' +
        'image, and model.json, which describes them. The other commands and the browser runtime load this folder.\n\n' +
        'Before the package is written, every ONNX file runs on onnxruntime-node and on onnxruntime-web (WASM), and ' +
        "its outputs must match the checkpoint's. Training ends with an export; use this command for another " +
        'checkpoint, for an interrupted run, or to add optional files.',
    )
    .argument('<run>', 'run folder, as made by train')
    .option('--checkpoint <name>', 'checkpoint to export, such as step-000500 (default: the newest)')
    .option('--out <dir>', "folder of the package (default: 'model' in the run folder)")
    .addOption(
      new Option(
        '--engine <name>',
        'engine that computes the outputs to compare with (default: the engine of the run)',
      ).choices(['auto', ...engineNames]),
    );
  for (const { option } of optionalParts) command.addOption(option);
  command
    .addOption(
      new Option('--classifier-steps <n>', 'training steps of the classifier for --steering').default('2000'),
    )
    .option(
      '--data <path>',
      `where the training images are, if they have moved; only with ${flagsWithImages}`,
    )
    .option('--json', 'print JSON lines; the last one has the path of the package')
    .addHelpText(
      'after',
      `
Examples:
  ${call} runs/00001-avatars-dcgan
  ${call} runs/00001-avatars-dcgan --checkpoint step-000500 --out models/early
  ${call} runs/00001-avatars-dcgan --masks --discriminator --restoring --out models/inside`,
    )
    .action((run: string, flags: ExportFlags) => exportCommand(run, flags, context));
}

function helpOf({ roles: [role], needs: need }: Part): string {
  const { file, about } = packageFiles[role];
  return `add ${file}: ${about}${need === undefined ? '' : ` (${needs[need]})`}`;
}

async function exportCommand(path: string, flags: ExportFlags, context: CommandContext): Promise<void> {
  const { cwd, print, warn, signal } = context;
  const { folder } = await openRunFolder(resolve(cwd, path));
  const { checkpoint, complaints } = await findCheckpoint(folder, flags.checkpoint ?? null);
  for (const complaint of complaints) warn(`warning: ${complaint}; exporting ${checkpoint.path}`);
  const { config, step } = checkpoint.metadata;
  const run = {
    folder,
    checkpoint,
    config,
    conditioning: conditioningOf(config, classNamesOf(checkpoint.metadata)),
  };

  const added = optionalParts.filter(({ option }) => flags[option.attributeName()] === true);
  const isNeeded = (need: keyof ImageInputs): boolean => added.some(({ part }) => part.needs === need);
  if (flags.data !== undefined && added.every(({ part }) => part.needs === undefined)) {
    throw new UserError(
      `--data ${flags.data}: images are for ${flagsWithImages} alone; give one of them too`,
    );
  }
  for (const { part, flag } of added) part.refuse?.(run, flag);

  const choice = { engine: flags.engine ?? config.engine, threads: config.threads };
  const source = { run, data: flags.data ?? null, job: context };
  const classifier = async (): Promise<ImageInputs['classifier']> => {
    const steps = flagValue<number>('--classifier-steps', flags.classifierSteps, wholeNumber(1, 1_000_000));
    const { engine } = await selectEngine(choice);
    try {
      return await attributeClassifier(source, engine, steps);
    } finally {
      await engine.dispose();
    }
  };
  const { engine } = await selectEngine(choice);
  try {
    const fromImages = {
      ...(isNeeded('classifier') && { classifier: await classifier() }),
      ...(isNeeded('discriminator') && { discriminator: await discriminatorInputs(source, engine) }),
    };
    const exported = await exportRun({
      folder,
      checkpoint,
      engine,
      ...(flags.out !== undefined && { out: resolve(cwd, flags.out) }),
      add: added.map(({ part }) => part.roles[0]),
      fromImages,
      signal,
      onProgress: (message) => {
        if (flags.json) print(JSON.stringify({ event: 'exporting', message }));
        else print(message);
      },
    });
    const { folder: out, model, warnings } = exported;
    for (const warning of warnings) warn(`warning: ${warning}`);
    if (flags.json) print(JSON.stringify({ event: 'done', model: out, step, warnings }));
    else print(`model     ${out} (${model.name}, step ${step})`);
  } finally {
    await engine.dispose();
  }
}
