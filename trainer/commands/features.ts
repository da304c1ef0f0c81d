// `dcgan features`: evaluates a trained network's features by the accuracy of a linear classifier on them, compared with the same
// classifier on simpler features (Radford 2016, section 5).
import { imageShape } from '../config/image-size.ts';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Random } from '../../runtime-web/format/random.ts';
import { featuresFinding } from '../analysis/features/features-finding.ts';
import { memoryAtHand } from '../analysis/features/feature-matrix.ts';
import { openTask } from '../analysis/features/open-task.ts';
import { runFeatures, baselineNames, type Baseline } from '../analysis/features/run-features.ts';
import {
  openTrainedRun,
  refuseConditionalRun,
  refuseLabelDiscriminator,
  refuseWithout,
} from '../run/trained-run.ts';
import { anyText, oneOf, realNumber, type Rule, someText, wholeNumber } from '../config/rules.ts';
import { parseClassList } from '../data/only-classes.ts';
import { selectEngine } from '../engine/select-engine.ts';
import { UserError, didYouMean } from '../errors.ts';
import { held } from '../held.ts';
import { framingOf, labelsOf, resolveData } from '../run/run-data.ts';
import { findingFolder, saveFinding } from '../run/save-finding.ts';
import {
  checkpointOption,
  engineOption,
  jsonOption,
  runArgument,
  seedOption,
} from '../command-line/common-options.ts';
import type { CommandContext } from '../command-line/context.ts';
import {
  addOptions,
  grouped,
  option,
  requiredOption,
  toggle,
  type FlagsOf,
} from '../command-line/options.ts';

const above = (max: number): Rule<number> => realNumber(0, max, { above: true });
const maxCount = 1_000_000_000;

const options = [
  requiredOption(
    '--data <path>',
    'labelled images: with classes, or with attributes and --attribute',
    someText,
  ),
  requiredOption('--model <run>', `the networks to evaluate: ${runArgument}`, someText),
  checkpointOption,
  option(
    '--network <name>',
    "network to take features from: the discriminator's layers, or the generator's at a latent found for each image",
    oneOf('discriminator', 'generator'),
    'discriminator',
  ),
  option(
    '--test-data <path>',
    "test images; by default the data's own test part, or --test-share of the images",
    someText,
  ),
  option('--memory <gib>', 'memory for features in GiB; by default 3/4 of what is free', above(1e6)),
  seedOption,
  engineOption,
  option('--out <folder>', "folder for the results; by default the run's analysis/features", someText),
  jsonOption,
  ...grouped('Images', [
    option(
      '--labels <file>',
      "labels of the images: a CSV or a dataset.json, as for train; by default the run's, if --data are its images",
      someText,
    ),
    option('--classes <list>', 'use only these classes, by name, separated by commas', anyText),
    option('--attribute <name>', 'attribute to predict, for images with attributes and no classes', someText),
    option(
      '--labels-per-class <n>',
      'train on this many images of each class; the others select C',
      wholeNumber(1, maxCount),
    ),
    option('--limit <n>', 'max training images, the same fraction of each class', wholeNumber(2, maxCount)),
    option(
      '--test-share <x>',
      'fraction of the images to test on, if the data have no test part',
      realNumber(0.01, 0.9),
      0.2,
    ),
  ]),
  ...grouped('Protocol', [
    option(
      '--held-out <x>',
      'fraction of the training images held out to select C',
      realNumber(0.01, 0.9),
      0.1,
    ),
    option(
      '--c <x>',
      "fixes the SVM's regularisation parameter C (as in liblinear); by default it is selected",
      above(1e9),
    ),
    toggle(
      '--no-standardise',
      'use features as they are; by default each is scaled to mean 0 and standard deviation 1',
    ),
    option(
      '--baselines <list>',
      'features to compare with: pixels, random (the same network before training), kmeans; or none',
      anyText,
      'pixels,random,kmeans',
    ),
    option('--centroids <n>', 'number of k-means centroids', wholeNumber(2, 100_000), 1600),
    option(
      '--encoder-steps <n>',
      'training steps of the encoder that finds latents, for --network generator',
      wholeNumber(1, 10_000_000),
      3000,
    ),
    option(
      '--curve <n>',
      'also evaluate up to this many earlier checkpoints, evenly spaced',
      wholeNumber(0, 1000),
      0,
    ),
  ]),
];
type FeaturesFlags = FlagsOf<typeof options>;

/** Adds `features` to the program. */
export function addFeaturesCommand(program: Command, context: CommandContext): void {
  const call = context.invocation('features');
  const command = program
    .command('features')
    .description(
      "Evaluate a trained network's features by the accuracy of a linear SVM on them, as in the DCGAN paper.",
    );
  addOptions(command, options)
    .addHelpText(
      'after',
      `
Examples:
  ${call} --data cifar10.zip --model runs/00001-cifar10-dcgan
  ${call} --data cifar10.zip --classes cat,dog,horse --model runs/00002-other-classes-dcgan --curve 6`,
    )
    .action((flags: FeaturesFlags) => features(flags, context));
}

async function features(flags: FeaturesFlags, context: CommandContext): Promise<void> {
  const { cwd, print, warn, signal } = context;
  const { labelsPerClass, limit, c: C, memory, testShare, heldOut: heldOutShare, curve, seed } = flags;
  const classes = flags.classes === null ? null : parseClassList('--classes', flags.classes);
  const baselines = parseBaselines(flags.baselines);
  if (curve > 0 && flags.network === 'generator') {
    throw new UserError(
      '--curve and --network generator contradict each other: each checkpoint would need an encoder; leave one out',
    );
  }
  const model = resolve(cwd, flags.model);
  const run = await openTrainedRun(model, flags.checkpoint);
  refuseWithout('features', run, 'this');
  if (flags.network === 'generator') refuseConditionalRun(run, '--network generator');
  else refuseLabelDiscriminator(run, 'this');
  for (const complaint of run.complaints) warn(`warning: ${complaint}`);
  const folder = flags.out === null ? await findingFolder(model, 'features') : resolve(cwd, flags.out);
  const say = (line: string): void => {
    if (!flags.json) print(line);
  };
  const data = resolveData(context, flags.data);
  await using progress = held(context.progress('items'));
  await using opened = held(
    await openTask({
      data,
      labels: flags.labels === null ? labelsOf(run.config, data) : resolve(cwd, flags.labels),
      testData: flags.testData === null ? null : resolve(cwd, flags.testData),
      classes,
      attribute: flags.attribute,
      ...imageShape(run.config),
      framing: framingOf(run.config),
      testShare,
      heldOutShare: C === null ? heldOutShare : 0,
      labelsPerClass,
      limit,
      random: new Random(seed),
      signal,
      warn,
      onDecoded: ({ done, total }) => progress.show('reading images', done, total),
    }),
  );
  const { task } = opened;
  const { fit, heldOut } = task.split;
  say(
    `data      ${task.train.dataset.name}: ${task.train.names.length} classes (${task.train.names.join(', ')})`,
  );
  say(
    `images    ${(fit.length + heldOut.length).toLocaleString('en')} to learn from` +
      `${heldOut.length > 0 ? `, ${heldOut.length.toLocaleString('en')} of them to choose C` : ''}; ` +
      `${task.testIndices.length.toLocaleString('en')} to test on`,
  );
  say(`model     ${run.folder.path}, ${run.checkpoint.metadata.images.toLocaleString('en')} images seen`);
  const result = await runFeatures({
    task,
    run,
    network: flags.network,
    baselines,
    centroids: flags.centroids,
    encoderSteps: flags.encoderSteps,
    curve,
    C,
    standardises: flags.standardise,
    memoryBytes: memory === null ? memoryAtHand() : memory * 2 ** 30,
    openEngine: async () => (await selectEngine({ engine: flags.engine, threads: null })).engine,
    seed,
    signal,
    say,
    onProgress: (job, done, total) => progress.show(job, done, total),
  });
  const finding = featuresFinding({ task, run, result, standardises: flags.standardise });
  if (folder !== null) await saveFinding(folder, finding, warn);
  for (const outcome of [result.outcome, ...result.baselines]) {
    if (!outcome.isConverged) {
      warn(
        `warning: the SVM on ${outcome.title} stopped after ${outcome.passes} passes short of its tolerance; its figure may be low`,
      );
    }
  }
  if (flags.json) {
    return print(JSON.stringify({ event: 'done', ...finding.data, finding: folder }));
  }
  say(finding.summary);
  if (folder !== null) say(`finding   ${folder}`);
}

function parseBaselines(text: string): readonly Baseline[] {
  if (text.trim() === 'none') return [];
  return text.split(',').map((part) => {
    const name = part.trim();
    const found = baselineNames.find((known) => known === name);
    if (found === undefined) {
      throw new UserError(
        `--baselines: got '${name}'${didYouMean(name, baselineNames)}, expected some of ${baselineNames.join(', ')} with commas between, or none`,
      );
    }
    return found;
  });
}
