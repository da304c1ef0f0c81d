// `dcgan audit RUN`: does a model repeat the images that it was trained on? Compared with images of the kind that it has not seen.
import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { sizeText } from '../../runtime-web/format/image-shape.ts';
import { auditFinding, auditMetrics, type AuditFacts } from '../audit/audit-finding.ts';
import { auditRun } from '../audit/audit-run.ts';
import { chooseImages } from '../audit/choose-images.ts';
import { openHeldOutImages } from '../audit/open-held-out.ts';
import { estimateText, figureNames, type AuditFigures } from '../audit/verdict.ts';
import {
  checkpointOption,
  jsonOption,
  runArgument,
  runEngineOption,
} from '../command-line/common-options.ts';
import type { CommandContext } from '../command-line/context.ts';
import { addOptions, option, toggle, type FlagsOf } from '../command-line/options.ts';
import { someText, wholeNumber } from '../config/rules.ts';
import type { Dataset } from '../data/dataset.ts';
import { noData, noDataError } from '../data/no-data.ts';
import { selectEngine } from '../engine/select-engine.ts';
import { UserError } from '../errors.ts';
import { held } from '../held.ts';
import { networkLabel, openFeatureNetwork } from '../metrics/feature-network.ts';
import { replaceMetrics } from '../metrics/store-metrics.ts';
import { readModelFile } from '../model-package/model-file.ts';
import { readBest } from '../run/find-checkpoint.ts';
import { framingOf, openRunData, resolveData } from '../run/run-data.ts';
import { checkWritable } from '../run/run-folder.ts';
import { findingFolder, saveFinding } from '../run/save-finding.ts';
import { openTrainedRun, type TrainedRun } from '../run/trained-run.ts';

const options = [
  option(
    '--held-out <path>',
    'images of the same kind that the run was not trained on; by default those of --hold-out, or the test part of its data',
    someText,
  ),
  option('--data <path>', "the training images; by default the run's", someText),
  option('--samples <n>', 'number of images to generate', wholeNumber(20, 100_000), 1000),
  option(
    '--inversions <n>',
    'number of training and of held-out images to invert; 0 leaves the reconstruction gap out',
    wholeNumber(0, 1000),
    24,
  ),
  option('--network <file>', 'ONNX feature network; by default the embedded one', someText),
  option(
    '--checkpoint <name>',
    `${checkpointOption.option.description.replace(/; by default.*/, '')}; by default the one that becomes the model`,
    someText,
  ),
  option(
    '--seed <n>',
    'first seed of the samples, and seed of the choice of images',
    wholeNumber(0, 2 ** 31 - 1),
    0,
  ),
  runEngineOption,
  toggle('--write', "save the figures in the model's model.json"),
  option('--out <folder>', "folder for the results; by default the run's analysis/audit", someText),
  jsonOption,
];
type AuditFlags = FlagsOf<typeof options>;

/** Adds `audit` to the program. */
export function addAuditCommand(program: Command, context: CommandContext): void {
  const call = context.invocation('audit');
  const command = program
    .command('audit')
    .description(
      'Look for signs that a model memorises its training images, by comparison with images that it has not seen.',
    )
    .argument('<run>', runArgument);
  addOptions(command, options)
    .addHelpText(
      'after',
      `
No verdict is a promise: the report says what the figures cannot see.

Examples:
  ${context.invocation('train')} --data photos --hold-out 5%
  ${call} runs/00001-photos-dcgan-relativistic
  ${call} runs/00002-faces-dcgan --held-out other-faces --samples 5000`,
    )
    .action((run: string, flags: AuditFlags) => audit(run, flags, context));
}

async function audit(path: string, flags: AuditFlags, context: CommandContext): Promise<void> {
  const { cwd, print, warn, signal } = context;
  const at = (place: string): string => resolve(cwd, place);
  const run = await openAudited(at(path), flags.checkpoint);
  for (const complaint of run.complaints) warn(`warning: ${complaint}`);
  const { config, checkpoint, folder } = run;
  const { step } = checkpoint.metadata;
  const data = flags.data === null ? null : resolveData(context, flags.data);
  if (data === null && config.data === noData) {
    throw noDataError('give those that it was trained on with --data, and others with --held-out');
  }
  const model = await readModelFile(folder.model);
  if (flags.write && model?.training?.steps !== step) {
    const has = model?.training == null ? 'no model' : `a model of step ${model.training.steps}`;
    throw new UserError(
      `--write: ${folder.path} has ${has}, and this audit is of step ${step}; export that step first, or leave --write out`,
    );
  }
  const out = flags.out === null ? (await findingFolder(folder.path, 'audit'))! : at(flags.out);
  await checkWritable(out);
  await using network = held(await openFeatureNetwork(flags.network === null ? null : at(flags.network)));
  await using progress = held(context.progress('images'));
  const opened = await openRunData(run, {
    ...{ data, signal, warn },
    onProgress: ({ done, total }) => progress.show('reading the training images', done, total),
  });
  await using training = held(opened.dataset);
  if (opened.difference !== null) {
    warn(`warning: ${opened.difference}; images that it was not trained on make every figure too low`);
  }
  const heldOut = await openHeldOutImages(run, {
    ...{ training, data: data ?? config.data, signal, warn },
    given: flags.heldOut === null ? null : resolveData(context, flags.heldOut),
  });
  await using others = held(heldOut.dataset);
  if (heldOut.kind === 'given') sayFitting(others, run, warn);
  const chosen = await chooseImages(training, others, { seed: flags.seed, signal });
  if (chosen.shared > 0) {
    warn(`warning: ${chosen.shared} of the held-out images are training images too; they are left out`);
  }
  const choice = { engine: flags.engine ?? config.engine, threads: config.threads };
  await using engine = held((await selectEngine(choice)).engine);
  const { samples, inversions, seed } = flags;
  const result = await auditRun(run, {
    ...{ engine, network, training, heldOut, chosen, samples, inversions, seed, signal },
    onProgress: progress.show,
  });
  progress.close();
  const facts: AuditFacts = {
    ...{ model: basename(folder.path), step, shape: training, samples, seed },
    ...{ trainingName: training.name, heldOutName: others.name, heldOutKind: heldOut.kind },
    ...{ heldOut: chosen.heldOut.length, draws: chosen.draws, shared: chosen.shared },
    network: networkLabel(network, { isFrechet: false }),
  };
  const finding = await auditFinding(facts, result);
  await saveFinding(out, finding, warn);
  if (flags.write) {
    await replaceMetrics(folder.model, auditMetrics(facts, result), ({ name }) => name.startsWith('audit/'));
  }
  if (flags.json) return print(JSON.stringify({ event: 'done', ...finding.data, step, finding: out }));
  const { verdict, reasons, limits } = finding.data as {
    readonly verdict: string;
    readonly reasons: readonly string[];
    readonly limits: readonly string[];
  };
  print(
    `${facts.model}, step ${step}: ${samples} samples, ${facts.heldOut} held-out images (${heldOut.kind}), ${facts.draws} x ${facts.heldOut} training images`,
  );
  for (const key of Object.keys(figureNames) as (keyof AuditFigures)[]) {
    const figure = result.figures[key];
    print(`  ${figureNames[key].padEnd(54)}${figure === null ? 'not measured' : estimateText(figure)}`);
  }
  print(`verdict   ${verdict}`);
  for (const reason of reasons) print(`  because ${reason}`);
  print('limits');
  for (const limit of limits) print(`  - ${limit}`);
  print(`finding   ${out}`);
}

/** The run at the checkpoint that becomes its model, or at one by name. */
async function openAudited(path: string, name: string | null): Promise<TrainedRun> {
  const run = await openTrainedRun(path, name);
  if (name !== null || run.config.export === 'last' || (await readBest(run.folder)) === null) return run;
  return openTrainedRun(run.folder.path, 'best');
}

/** Says that images of another shape are brought to the run's. */
function sayFitting(given: Dataset, { config }: TrainedRun, warn: (line: string) => void): void {
  const { naturalSize } = given;
  if (naturalSize === null || sizeText(naturalSize) === sizeText(given)) return;
  warn(
    `note: the held-out images are typically of ${sizeText(naturalSize)} pixels; they are brought to ${sizeText(given)} (${framingOf(config).fit}), as the training images were`,
  );
}
