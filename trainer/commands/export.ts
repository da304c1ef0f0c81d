// `dcgan export`: makes a model package from a checkpoint of a run.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { packageFiles } from '../../runtime-web/format/package-files.ts';
import { runEngineOption } from '../command-line/common-options.ts';
import type { CommandContext } from '../command-line/context.ts';
import { addOptions, option, refuseOptions, toggle, type FlagsOf } from '../command-line/options.ts';
import { someText, wholeNumber } from '../config/rules.ts';
import { selectEngine } from '../engine/select-engine.ts';
import { UserError } from '../errors.ts';
import { refuseUntrainable } from '../export/trainable-record.ts';
import { exportRun } from '../export/export-run.ts';
import { attributeClassifier, discriminatorInputs, type ImageInputs } from '../export/image-inputs.ts';
import { flagOf, type Part } from '../export/parts/part.ts';
import { parts } from '../export/parts/table.ts';
import { evaluationText } from '../metrics/evaluation.ts';
import { held } from '../held.ts';
import { hasRelativeLogits } from '../restoring/restoring-discriminator.ts';
import { conditioningAt, findCheckpoint, findExported } from '../run/find-checkpoint.ts';
import { openRunFolder } from '../run/run-folder.ts';
import { exportNetworks, progressOf } from './export-networks.ts';
import { updateReport } from '../run/save-finding.ts';

/** The requirements of optional files, for `--help`. */
const needs = {
  discriminator: 'needs the training images',
  classifier: 'trains a classifier, so needs training images with attribute labels',
} as const satisfies Record<keyof ImageInputs, string>;

/** The parts that a flag adds, each with its flag. */
const optionalParts = parts.flatMap((part) => {
  const flag = flagOf(part);
  return flag === null ? [] : [{ part, flag, toggle: toggle(flag, helpOf(part)) }];
});

/** The flags of parts that need training images, as a sentence lists them. */
const flagsWithImages = optionalParts
  .filter(({ part }) => part.needs !== undefined)
  .map(({ flag }) => flag)
  .join(', ')
  .replace(/, ([^,]*)$/, ' and $1');

const options = [
  option(
    '--checkpoint <name>',
    'checkpoint of the run: best, last, or one such as step-000500; by default the one that training exports',
    someText,
  ),
  option('--out <folder>', "folder for the package; by default 'model' in the run folder", someText),
  runEngineOption,
  option(
    '--classifier-steps <n>',
    'training steps of the classifier for --steering',
    wholeNumber(1, 1_000_000),
    2000,
  ),
  option(
    '--data <path>',
    `training images, for ${flagsWithImages}; by default the run's, so only if they have moved`,
    someText,
  ),
  option(
    '--labels <file>',
    "attributes and numbers of the images, for --steering: a CSV or a dataset.json, as for train; by default the run's",
    someText,
  ),
  toggle(
    '--trainable',
    'add the networks to train on, as graphs that a page runs: step.onnx, sample.onnx and others, with their record in model.json. ' +
      'Without a run, of --preset or --config',
  ),
  toggle(
    '--state',
    "with --trainable: add state.safetensors, the checkpoint's state of training, to go on from",
  ),
  option('--preset <name>', 'with --trainable and without a run: a preset of train', someText),
  option(
    '--config <file>',
    "with --trainable and without a run: JSON file of configuration keys, such as a run's config.json",
    someText,
  ),
  toggle('--json', 'print JSON lines only; the last one has the path of the package'),
];
/** The options that only an export of a run has. */
const keysOfRuns = ['checkpoint', 'classifierSteps', 'data', 'labels', 'state'];
/** The flags; those of optional files are under Commander's names. */
type ExportFlags = FlagsOf<typeof options> & Readonly<Record<string, unknown>>;

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
    .argument('[run]', 'a run folder, as made by train; none with --trainable and --preset or --config');
  addOptions(command, [...optionalParts.map(({ toggle: made }) => made), ...options])
    .addHelpText(
      'after',
      `
Examples:
  ${call} runs/00001-avatars-dcgan-relativistic
  ${call} runs/00001-avatars-dcgan-relativistic --checkpoint step-000500 --out models/early
  ${call} runs/00001-avatars-dcgan-relativistic --masks --discriminator --restoring --out models/inside
  ${call} runs/00001-avatars-dcgan-relativistic --trainable --state
  ${call} --trainable --preset default --out models/to-train`,
    )
    .action((run: string | undefined, flags: ExportFlags) =>
      run === undefined ? exportWithoutRun(command, flags, context) : exportCommand(run, flags, context),
    );
}

function helpOf({ roles: [role], needs: need }: Part): string {
  const { file, about } = packageFiles[role];
  return `add ${file}: ${about}${need === undefined ? '' : ` (${needs[need]})`}`;
}

async function exportWithoutRun(
  command: Command,
  flags: ExportFlags,
  context: CommandContext,
): Promise<void> {
  const ofRuns = [...optionalParts.map(({ toggle: made }) => made.name), ...keysOfRuns];
  if (flags.trainable)
    refuseOptions(command, ofRuns, 'is for an export of a run; give a run folder, or leave it out');
  await exportNetworks(flags, context);
}

async function exportCommand(path: string, flags: ExportFlags, context: CommandContext): Promise<void> {
  const { cwd, print, warn, signal } = context;
  for (const key of ['preset', 'config'] as const) {
    if (flags[key] !== null)
      throw new UserError(
        `--${key} ${flags[key]}: is for --trainable without a run; a run has its own configuration`,
      );
  }
  if (flags.state && !flags.trainable) throw new UserError('--state: is for --trainable alone; give it too');
  const { folder, config: trained } = await openRunFolder(resolve(cwd, path));
  const { checkpoint, complaints } =
    flags.checkpoint === null
      ? await findExported(folder, trained.export)
      : await findCheckpoint(folder, flags.checkpoint);
  for (const complaint of complaints) warn(`warning: ${complaint}; exporting ${checkpoint.path}`);
  const { config, step, evaluation } = checkpoint.metadata;
  const run = {
    folder,
    checkpoint,
    config,
    conditioning: conditioningAt(checkpoint.metadata),
  };

  const added = optionalParts.filter(({ toggle: { name } }) => flags[name] === true);
  const isNeeded = (need: keyof ImageInputs): boolean => added.some(({ part }) => part.needs === need);
  if (flags.data !== null && added.every(({ part }) => part.needs === undefined)) {
    throw new UserError(
      `--data ${flags.data}: images are for ${flagsWithImages} alone; give one of them too`,
    );
  }
  if (flags.labels !== null && !isNeeded('classifier')) {
    throw new UserError(`--labels ${flags.labels}: labels are for --steering alone; give it too`);
  }
  for (const { part, flag } of added) part.refuse?.(run, flag);
  if (flags.trainable) refuseUntrainable(config);

  const choice = { engine: flags.engine ?? config.engine, threads: config.threads };
  const source = { run, data: flags.data, labels: flags.labels, job: context };
  const classifier = async (): Promise<ImageInputs['classifier']> => {
    await using engine = held((await selectEngine(choice)).engine);
    return await attributeClassifier(source, engine, flags.classifierSteps);
  };
  const isCalibrated = added.some(
    ({ part: { roles } }) =>
      roles[0] === 'discriminator' || (roles[0] === 'restoring' && hasRelativeLogits(config)),
  );
  await using engine = held((await selectEngine(choice)).engine);
  const fromImages = {
    ...(isNeeded('classifier') && { classifier: await classifier() }),
    ...(isNeeded('discriminator') && {
      discriminator: await discriminatorInputs(source, engine, { isCalibrated }),
    }),
  };
  const exported = await exportRun({
    folder,
    checkpoint,
    engine,
    ...(flags.out !== null && { out: resolve(cwd, flags.out) }),
    add: added.map(({ part }) => part.roles[0]),
    trainable: flags.trainable ? (flags.state ? 'state' : 'seed') : 'none',
    fromImages,
    signal,
    onProgress: progressOf(flags, print),
  });
  const { folder: out, model, warnings } = exported;
  // The report lists the commands for a model once there is one.
  if (flags.out === null) await updateReport(folder);
  for (const warning of warnings) warn(`warning: ${warning}`);
  if (flags.json)
    print(JSON.stringify({ event: 'done', model: out, step, ...(evaluation && { evaluation }), warnings }));
  else
    print(
      `model     ${out} (${model.name}, step ${step}${evaluation ? `, the best: ${evaluationText(evaluation)}` : ''})`,
    );
}
