// `dcgan export`: makes a model package from a run's checkpoint.
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { readImages } from '../data/read-images.ts';
import { trainClassifier } from '../analysis/attributes/attribute-classifier.ts';
import { openRunData, resolveData } from '../run/run-data.ts';
import {
  refuseConditionalRun,
  refuseLabelJudge,
  refuseStyleRun,
  type TrainedRun,
} from '../run/trained-run.ts';
import { discriminatorStatistics } from '../frozen/discriminator-statistics.ts';
import { wholeNumber } from '../config/rules.ts';
import { conditioningOf } from '../config/conditioning.ts';
import { engineNames, type Engine, type EngineName } from '../engine/engine.ts';
import { selectEngine } from '../engine/select-engine.ts';
import { UserError } from '../errors.ts';
import { exportRun } from '../export/export-run.ts';
import { classNamesOf, findCheckpoint } from '../run/find-checkpoint.ts';
import type { DiscriminatorExtras } from '../export/extra-files.ts';
import { heldClassifier } from '../steering/open-steering.ts';
import type { SteeringNetworks } from '../steering/steering-step.ts';
import { openRunFolder } from '../run/run-folder.ts';
import type { CommandContext } from '../command-line/context.ts';
import { parseValue } from '../command-line/options.ts';

interface ExportFlags {
  readonly checkpoint?: string;
  readonly out?: string;
  readonly engine?: 'auto' | EngineName;
  readonly activations?: true;
  readonly masks?: true;
  readonly discriminator?: true;
  readonly restoring?: true;
  readonly steering?: true;
  readonly classifierSteps: string;
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
    .option('--masks', 'add a generator whose filters a page can switch off, with what each layer does')
    .option('--discriminator', 'add the discriminator and what its blocks give; needs the images of the run')
    .option(
      '--restoring',
      'add a file that restores pictures; it holds the discriminator, and needs the images too',
    )
    .option(
      '--steering',
      'add a file that gives pictures attributes; trains a classifier on the images, which must be labelled with some',
    )
    .addOption(new Option('--classifier-steps <n>', "updates of that classifier's training").default('2000'))
    .option('--data <path>', "where the run's images lie now, for those three")
    .option('--json', 'print JSON lines only; the last one tells the model')
    .addHelpText(
      'after',
      `
Training ends with an export; this repeats it, for another checkpoint or a run that was interrupted.

Examples:
  ${call} runs/00001-avatars-dcgan
  ${call} runs/00001-avatars-dcgan --checkpoint step-000500 --out models/early
  ${call} runs/00001-avatars-dcgan --masks --discriminator --restoring --out models/inside`,
    )
    .action((run: string, flags: ExportFlags) => exportCommand(run, flags, context));
}

async function exportCommand(run: string, flags: ExportFlags, context: CommandContext): Promise<void> {
  const { cwd, print, warn, signal } = context;
  const { folder } = await openRunFolder(resolve(cwd, run));
  const { checkpoint, complaints } = await findCheckpoint(folder, flags.checkpoint ?? null);
  for (const complaint of complaints) warn(`warning: ${complaint}; exporting ${checkpoint.path}`);
  const { config, step } = checkpoint.metadata;
  const needsImages = flags.discriminator === true || flags.restoring === true;
  if (flags.data !== undefined && !needsImages && flags.steering !== true) {
    throw new UserError(
      `--data ${flags.data}: images are for --discriminator, --restoring and --steering alone; give one of them too`,
    );
  }
  const asked = { folder, conditioning: conditioningOf(config, classNamesOf(checkpoint.metadata)) };
  const ofDcgan = (['masks', 'discriminator', 'restoring'] as const).find((key) => flags[key] === true);
  if (ofDcgan !== undefined) refuseStyleRun({ folder, config }, `--${ofDcgan}`);
  if (needsImages) refuseLabelJudge(asked, flags.discriminator === true ? '--discriminator' : '--restoring');
  if (flags.restoring === true) refuseConditionalRun(asked, '--restoring');
  if (flags.steering === true) refuseConditionalRun(asked, '--steering');
  const { engine } = await selectEngine({ engine: flags.engine ?? config.engine, threads: config.threads });
  try {
    const steering =
      flags.steering === true ? await trainSteering(flags, { config, checkpoint }, context) : null;
    const discriminator = needsImages ? await extras(flags, { config, checkpoint }, engine, context) : null;
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
      withMasks: flags.masks === true,
      withDiscriminator: flags.discriminator === true,
      withRestoring: flags.restoring === true,
      discriminator,
      steering,
      signal,
      onProgress: (message) => {
        if (flags.json) print(JSON.stringify({ event: 'exporting', message }));
        else print(message);
      },
    });
    for (const warning of warnings) warn(`warning: ${warning}`);
    if (flags.json) print(JSON.stringify({ event: 'done', model: out, step, warnings }));
    else print(`model     ${out} (${model.name}, step ${step})`);
  } finally {
    await engine.dispose();
  }
}

/** Images that the discriminator's file is compared on. */
const comparedImages = 16;

/** A classifier of the attributes of the run's own data. Throws UserError for data that have none. */
async function trainSteering(
  { data, engine: asked, classifierSteps }: ExportFlags,
  run: Pick<TrainedRun, 'config' | 'checkpoint'>,
  context: CommandContext,
): Promise<SteeringNetworks['classifier']> {
  const { cwd, warn, signal } = context;
  const steps = parseValue('--classifier-steps', classifierSteps, wholeNumber(1, 1_000_000));
  const progress = context.progress('updates');
  try {
    const { dataset, difference } = await openRunData(run, {
      data: data === undefined ? null : resolveData(cwd, data),
      signal,
    });
    const { engine } = await selectEngine({
      engine: asked ?? run.config.engine,
      threads: run.config.threads,
    });
    try {
      if (difference !== null) warn(`warning: ${difference}; the classifier learns from these images`);
      const classifier = await trainClassifier({
        engine,
        dataset,
        seed: 0,
        steps,
        signal,
        onProgress: (done, total) => progress.show('a classifier', done, total),
      });
      return await heldClassifier(classifier, engine);
    } finally {
      await engine.dispose();
      await dataset.close();
    }
  } finally {
    progress.close();
  }
}

/** What the discriminator is exported with: statistics and images of the run's own data. */
async function extras(
  { data }: ExportFlags,
  run: Pick<TrainedRun, 'config' | 'checkpoint'>,
  engine: Engine,
  context: CommandContext,
): Promise<DiscriminatorExtras> {
  const { cwd, warn, signal } = context;
  const progress = context.progress('images');
  try {
    const { dataset, difference } = await openRunData(run, {
      data: data === undefined ? null : resolveData(cwd, data),
      signal,
      onProgress: ({ done, total }) => progress.show('decoding', done, total),
    });
    try {
      if (difference !== null) warn(`warning: ${difference}; the discriminator goes by these images`);
      const statistics = await discriminatorStatistics(engine, run, dataset);
      const indices = Array.from({ length: comparedImages }, (_, i) => i % dataset.count);
      return { statistics, images: await readImages(dataset, indices) };
    } finally {
      await dataset.close();
    }
  } finally {
    progress.close();
  }
}
