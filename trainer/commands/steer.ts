// `dcgan steer`: adds an attribute to images, or removes it, by gradient ascent on their latents through the generator and a
// classifier, with a penalty on every other prediction; and measures how often that works.
import { imageShape } from '../config/image-size.ts';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { directionName } from '../analysis/directions/directions.ts';
import { drawSheet, type Picture } from '../pictures/sheet.ts';
import { openTrainedRun, refuseConditionalRun } from '../run/trained-run.ts';
import { anyText, realNumber, someText, wholeNumber } from '../config/rules.ts';
import { openDataset } from '../data/dataset.ts';
import { UserError } from '../errors.ts';
import type { FindingTable } from '../findings/findings.ts';
import { findingFolder, saveFinding } from '../run/save-finding.ts';
import { framingOf } from '../run/run-data.ts';
import { attributeIndex, steeringNetworks } from '../steering/open-steering.ts';
import { openSteering } from '../steering/steer-latents.ts';
import { steerSeeds, tryAttribute, type Steerer, type SteeringTrial } from '../steering/steering-trials.ts';
import { attributesOf } from '../analysis/attributes/attribute-classifier.ts';
import { trainClassifiers } from '../analysis/attributes/classifiers.ts';
import {
  checkpointOption,
  engineOption,
  jsonOption,
  labelsOption,
  runArgument,
  seedOption,
} from '../command-line/common-options.ts';
import type { CommandContext } from '../command-line/context.ts';
import { addOptions, option, repeatedOption, toggle, type FlagsOf } from '../command-line/options.ts';
import { labelledData } from '../command-line/labelled-data.ts';
import { shownPath } from '../command-line/outputs.ts';
import { parseSeeds } from '../command-line/seeds.ts';
import { held } from '../held.ts';

const options = [
  repeatedOption(
    '--attribute <name>',
    'attribute to add; may be given several times; by default each attribute of the images, one after another',
    someText,
  ),
  toggle('--take', 'remove the attribute instead of adding it'),
  option('--seeds <list>', 'images to show, by seed, such as 0-7 or 1,5,9', anyText, '0-7'),
  option('--steps <n>', 'gradient steps per latent', wholeNumber(1, 100_000), 60),
  option('--rate <x>', 'learning rate (Adam)', realNumber(0, 10, { above: true }), 0.05),
  option(
    '--hold <x>',
    'weight of the penalty on changes of other attributes; 0 disables it',
    realNumber(0, 1000),
    1,
  ),
  option(
    '--trials <n>',
    'also measure the success rate on this many generated images without the attribute, with and without --hold',
    wholeNumber(1, 100_000),
  ),
  option(
    '--data <path>',
    "labelled images like the run's, to train the classifiers on; by default the run's own",
    someText,
  ),
  labelsOption,
  option('--classifier-steps <n>', 'training steps of each classifier', wholeNumber(1, 1_000_000), 2000),
  engineOption,
  seedOption,
  checkpointOption,
  option('--out <folder>', "folder for the results; by default the run's analysis/steer", someText),
  jsonOption,
];
type SteerFlags = FlagsOf<typeof options>;

/** Adds `steer` to the program. */
export function addSteerCommand(program: Command, context: CommandContext): void {
  const call = context.invocation('steer');
  const command = program
    .command('steer')
    .description(
      'Add an attribute to images, or remove it, by optimising their latents against a classifier.',
    )
    .argument('<run>', runArgument);
  addOptions(command, options)
    .addHelpText(
      'after',
      `
One classifier guides the steps. A second one, of another architecture, measures the result, because
images that fool the first need not fool the second. Both know categorical attributes too, such as colours.

Examples:
  ${call} runs/00001-avatars-dcgan-relativistic --attribute hat --seeds 0-11
  ${call} runs/00001-avatars-dcgan-relativistic --trials 256`,
    )
    .action((run: string, flags: SteerFlags) => steer(run, flags, context));
}

async function steer(path: string, flags: SteerFlags, context: CommandContext): Promise<void> {
  const { cwd, print, warn, signal } = context;
  const seeds = parseSeeds(flags.seeds);
  const { steps, rate, hold, seed } = flags;
  const trials = flags.trials ?? 0;
  const run = await openTrainedRun(resolve(cwd, path), flags.checkpoint);
  refuseConditionalRun(run, 'steering');
  for (const complaint of run.complaints) warn(`warning: ${complaint}`);
  const { config, folder } = run;
  const out = flags.out === null ? (await findingFolder(folder.path, 'steer'))! : resolve(cwd, flags.out);
  const say = (line: string): void => {
    if (!flags.json) print(line);
  };
  const { width, height, channels } = imageShape(config);
  const { name: trainedOn } = run.checkpoint.metadata.dataset;
  const data = await labelledData(
    flags,
    { config, trainedOn: trainedOn === undefined ? null : String(trainedOn) },
    context,
  );
  await using dataset = held(
    await openDataset({ ...data, width, height, channels, framing: framingOf(config), signal, warn }),
  );
  await using progress = held(context.progress('steps'));
  checkNames(flags.attribute, attributesOf(dataset));
  await using classifiers = held(
    await trainClassifiers(
      {
        ...{ dataset, engine: flags.engine, seed, steps: flags.classifierSteps, say, progress },
        ...{ hasSecond: true, hasCategories: true },
      },
      context,
    ),
  );
  const { classifier, engine } = classifiers;
  const wanted =
    flags.attribute.length === 0
      ? classifier.steerable.map((_, i) => i)
      : flags.attribute.map((name) => attributeIndex(classifier, name));
  const networks = await steeringNetworks(run, classifier, engine);
  await using steering = held(await openSteering(engine, networks, config.latent));
  const how = { sign: flags.take ? -1 : 1, steps, rate, hold, signal } as const;
  const sheet: { readonly attribute: string; readonly rows: readonly (readonly Picture[])[] }[] = [];
  const measured: SteeringTrial[] = [];
  const steerer: Steerer = { run, steering, classifier, evaluator: classifiers.evaluator, settings: how };
  for (const [i, attribute] of wanted.entries()) {
    const name = directionName(classifier.steerable[attribute]!.name);
    sheet.push({ attribute: name, rows: await steerSeeds(steerer, attribute, seeds) });
    if (trials > 0) measured.push(await tryAttribute(steerer, attribute, trials, seed));
    const last = measured.at(-1);
    if (last !== undefined) say(describe(last));
    progress.show('steering', i + 1, wanted.length);
  }
  await saveFinding(
    out,
    {
      name: 'steer',
      title: 'Steering by a classifier',
      step: run.checkpoint.metadata.step,
      summary:
        `Each attribute was ${flags.take ? 'removed' : 'added'} by ${steps} gradient steps on the latents, guided by a classifier, ` +
        `with a penalty of weight ${hold} on changes of the others.`,
      pictures: [
        {
          file: 'steered.png',
          content: await drawSheet(
            sheet.flatMap(({ attribute, rows: [before, preserved, free] }) => [
              { heading: attribute },
              { label: 'before', groups: [before!] },
              { label: 'held', groups: [preserved!] },
              { label: 'not held', groups: [free!] },
            ]),
            1,
          ),
          caption:
            'Images before, after with the penalty on other attributes (held), and after without it (not held)',
        },
      ],
      ...(measured.length > 0 && { tables: [tableOf(measured)] }),
      data: { settings: { ...how, signal: undefined, trials, seed }, measured },
    },
    warn,
  );
  if (flags.json) {
    print(JSON.stringify({ event: 'done', out, quality: classifier.quality, measured }));
  } else print(`${shownPath(cwd, out)}: steered.png and finding.json`);
}

/** Throws UserError for an attribute that the images do not have, before anything is trained. */
function checkNames(
  names: readonly string[],
  attributes: readonly { readonly name: string; readonly kind: string }[],
): void {
  const known = attributes.filter(({ kind }) => kind !== 'categorical').map(({ name }) => name);
  for (const name of names) {
    if (known.some((attribute) => attribute === name || directionName(attribute) === name)) continue;
    throw new UserError(`--attribute: got ${name}, expected one of ${known.map(directionName).join(', ')}`);
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(0)}%`;

function describe({ attribute, pictures, held, free }: SteeringTrial): string {
  if (pictures === 0) return `${attribute}: no image to try it on`;
  return (
    `${attribute}: succeeds on ${percent(held.success)} of ${pictures} images and changes ${percent(held.othersMoved)} of the other ` +
    `predictions; without the penalty ${percent(free.success)} and ${percent(free.othersMoved)}`
  );
}

function tableOf(measured: readonly SteeringTrial[]): FindingTable {
  return {
    caption: 'Success rate, and fraction of the other predictions that changed, by the second classifier',
    columns: [
      'attribute',
      'images',
      'success',
      'others changed',
      'success, not held',
      'others changed, not held',
    ],
    rows: measured.map(({ attribute, pictures, held, free }) => [
      attribute,
      `${pictures}`,
      ...[held.success, held.othersMoved, free.success, free.othersMoved].map(percent),
    ]),
  };
}
