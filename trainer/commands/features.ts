// `dcgan features`: how much of what images show a trained network has learned, by the DCGAN paper's own measure: a linear
// classifier on its features, beside the same classifier on simpler ones.
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { Random } from '../../runtime-web/format/random.ts';
import { featuresFinding } from '../analysis/features/features-finding.ts';
import { memoryAtHand } from '../analysis/features/feature-matrix.ts';
import { openTask } from '../analysis/features/open-task.ts';
import { runFeatures, baselineNames, type Baseline } from '../analysis/features/run-features.ts';
import {
  openTrainedRun,
  refuseConditionalRun,
  refuseLabelJudge,
  refuseStyleRun,
} from '../run/trained-run.ts';
import { realNumber, wholeNumber } from '../config/rules.ts';
import { parseClassList } from '../data/only-classes.ts';
import { engineNames, type EngineName } from '../engine/engine.ts';
import { selectEngine } from '../engine/select-engine.ts';
import { UserError, didYouMean } from '../errors.ts';
import { findingFolder, saveFinding } from '../run/save-finding.ts';
import type { CommandContext } from '../command-line/context.ts';
import { flagValue } from '../command-line/options.ts';

interface FeaturesFlags {
  readonly data: string;
  readonly model: string;
  readonly testData?: string;
  readonly checkpoint?: string;
  readonly network: 'discriminator' | 'generator';
  readonly classes?: string;
  readonly attribute?: string;
  readonly labelsPerClass?: string;
  readonly limit?: string;
  readonly testShare: string;
  readonly heldOut: string;
  readonly c?: string;
  readonly standardise: boolean;
  readonly baselines: string;
  readonly centroids: string;
  readonly encoderSteps: string;
  readonly curve: string;
  readonly memory?: string;
  readonly seed: string;
  readonly engine: 'auto' | EngineName;
  readonly out?: string;
  readonly json?: true;
}

/** Adds `features` to the program. */
export function addFeaturesCommand(program: Command, context: CommandContext): void {
  const call = context.invocation('features');
  const [protocol, images] = ['Protocol:', 'Images:'];
  const grouped = (group: string, flag: string, about: string, fallback?: string): Option => {
    const option = new Option(flag, about).helpGroup(group);
    return fallback === undefined ? option : option.default(fallback);
  };
  program
    .command('features')
    .description(
      "How good a trained network's features are: a linear SVM on them, beside one on simpler features.",
    )
    .requiredOption('--data <path>', 'labelled images: classes, or --attribute')
    .requiredOption('--model <run>', 'the run whose networks are asked, or the model in it')
    .option('--checkpoint <name>', 'of the run; without it the newest')
    .addOption(
      new Option(
        '--network <name>',
        "whose features: D's layers, or a latent found for each image and G's layers",
      )
        .choices(['discriminator', 'generator'])
        .default('discriminator'),
    )
    .option('--test-data <path>', "images to be judged by; without it the data's own test part, or a share")
    .addOption(grouped(images, '--classes <list>', 'only these classes, by name with commas between'))
    .addOption(grouped(images, '--attribute <name>', 'what to tell, where the images have attributes'))
    .addOption(
      grouped(images, '--labels-per-class <n>', 'learn from so many of each class; the others choose C'),
    )
    .addOption(grouped(images, '--limit <n>', 'images to learn from at most, the same share of each class'))
    .addOption(
      grouped(images, '--test-share <x>', 'share to be judged by, where there is no test part', '0.2'),
    )
    .addOption(grouped(protocol, '--held-out <x>', 'share of the training images that chooses C', '0.1'))
    .addOption(grouped(protocol, '--c <x>', "liblinear's C, instead of choosing one"))
    .addOption(
      grouped(
        protocol,
        '--no-standardise',
        'leave features as they are, not each with mean 0 and deviation 1',
      ),
    )
    .addOption(
      grouped(
        protocol,
        '--baselines <list>',
        'what to compare with: pixels, random (the same network before training), kmeans; or none',
        'pixels,random,kmeans',
      ),
    )
    .addOption(grouped(protocol, '--centroids <n>', 'of k-means', '1600'))
    .addOption(grouped(protocol, '--encoder-steps <n>', 'updates of what finds latents', '3000'))
    .addOption(
      grouped(
        protocol,
        '--curve <n>',
        'also judge up to so many of the kept checkpoints, evenly spread',
        '0',
      ),
    )
    .option('--memory <gib>', 'that features may take; without it three quarters of what is free')
    .option('--seed <n>', 'of all random numbers', '0')
    .addOption(
      new Option('--engine <name>', 'what computes').choices(['auto', ...engineNames]).default('auto'),
    )
    .option('--out <dir>', "where the finding goes; without it the run's analysis/features")
    .option('--json', 'print one JSON line only')
    .addHelpText(
      'after',
      `\nExample:\n  ${call} --data cifar10.zip --model runs/00001-cifar10-dcgan\n` +
        `  ${call} --data cifar10.zip --classes cat,dog,horse --model runs/00002-other-classes-dcgan --curve 6`,
    )
    .action((flags: FeaturesFlags) => features(flags, context));
}

async function features(flags: FeaturesFlags, context: CommandContext): Promise<void> {
  const { cwd, print, warn, signal } = context;
  const optional = (
    flag: string,
    text: string | undefined,
    rule: ReturnType<typeof wholeNumber>,
  ): number | null => (text === undefined ? null : flagValue<number>(flag, text, rule));
  const far = 1_000_000_000;
  const labelsPerClass = optional('--labels-per-class', flags.labelsPerClass, wholeNumber(1, far));
  const limit = optional('--limit', flags.limit, wholeNumber(2, far));
  const C = optional('--c', flags.c, realNumber(0, 1e9, { above: true }));
  const memory = optional('--memory', flags.memory, realNumber(0, 1e6, { above: true }));
  const testShare = flagValue<number>('--test-share', flags.testShare, realNumber(0.01, 0.9));
  const heldOutShare = flagValue<number>('--held-out', flags.heldOut, realNumber(0.01, 0.9));
  const centroids = flagValue<number>('--centroids', flags.centroids, wholeNumber(2, 100_000));
  const encoderSteps = flagValue<number>('--encoder-steps', flags.encoderSteps, wholeNumber(1, 10_000_000));
  const curve = flagValue<number>('--curve', flags.curve, wholeNumber(0, 1000));
  const seed = flagValue<number>('--seed', flags.seed, wholeNumber(0, Number.MAX_SAFE_INTEGER));
  const classes = flags.classes === undefined ? null : parseClassList('--classes', flags.classes);
  const baselines = parseBaselines(flags.baselines);
  if (curve > 0 && flags.network === 'generator') {
    throw new UserError(
      '--curve and --network generator contradict each other: each checkpoint would need an encoder; leave one out',
    );
  }
  const model = resolve(cwd, flags.model);
  const run = await openTrainedRun(model, flags.checkpoint ?? null);
  refuseStyleRun(run, 'this');
  if (flags.network === 'generator') refuseConditionalRun(run, '--network generator');
  else refuseLabelJudge(run, 'this');
  for (const complaint of run.complaints) warn(`warning: ${complaint}`);
  const folder = flags.out === undefined ? await findingFolder(model, 'features') : resolve(cwd, flags.out);
  const say = (line: string): void => {
    if (flags.json !== true) print(line);
  };
  const progress = context.progress('done');
  const opened = await openTask({
    data: flags.data === 'avatars' ? flags.data : resolve(cwd, flags.data),
    testData: flags.testData === undefined ? null : resolve(cwd, flags.testData),
    classes,
    attribute: flags.attribute ?? null,
    imageSize: run.config.imageSize,
    channels: run.config.channels,
    testShare,
    heldOutShare: C === null ? heldOutShare : 0,
    labelsPerClass,
    limit,
    random: new Random(seed),
    signal,
    onDecoded: ({ done, total }) => progress.show('reading images', done, total),
  });
  try {
    const { task } = opened;
    const { fit, heldOut } = task.split;
    say(
      `data      ${task.train.dataset.name}: ${task.train.names.length} classes (${task.train.names.join(', ')})`,
    );
    say(
      `images    ${(fit.length + heldOut.length).toLocaleString('en')} to learn from` +
        `${heldOut.length > 0 ? `, ${heldOut.length.toLocaleString('en')} of them to choose C by` : ''}; ` +
        `${task.testIndices.length.toLocaleString('en')} to be judged by`,
    );
    say(`model     ${run.folder.path}, ${run.checkpoint.metadata.images.toLocaleString('en')} images seen`);
    const result = await runFeatures({
      task,
      run,
      network: flags.network,
      baselines,
      centroids,
      encoderSteps,
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
    if (folder !== null) await saveFinding(folder, finding);
    for (const outcome of [result.outcome, ...result.baselines]) {
      if (!outcome.isConverged) {
        warn(
          `warning: the SVM on ${outcome.title} stopped after ${outcome.passes} passes short of its tolerance; its figure may be low`,
        );
      }
    }
    if (flags.json === true) {
      return print(JSON.stringify({ event: 'done', ...finding.data, finding: folder }));
    }
    say(finding.summary);
    if (folder !== null) say(`finding   ${folder}`);
  } finally {
    progress.close();
    await opened.close();
  }
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
