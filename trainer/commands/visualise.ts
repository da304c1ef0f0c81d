// `dcgan visualise`: shows what the filters of a run's networks respond to and draw, and what images lose when the filters that
// draw one attribute are switched off.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { fileName } from '../analysis/filters/drop-sheet.ts';
import { findingOf, type FindingPart } from '../findings/part.ts';
import { insideOf } from '../training/architectures/table.ts';
import { openRunData, resolveData } from '../run/run-data.ts';
import { openTrainedRun, refuseConditionalRun, refuseWithout } from '../run/trained-run.ts';
import type { TrainConfig } from '../config/fields.ts';
import { oneOf, someText, wholeNumber } from '../config/rules.ts';
import { selectEngine } from '../engine/select-engine.ts';
import { UserError } from '../errors.ts';
import { held } from '../held.ts';
import { saveFinding } from '../run/save-finding.ts';
import {
  checkpointOption,
  jsonOption,
  runArgument,
  runEngineOption,
  seedOption,
} from '../command-line/common-options.ts';
import type { CommandContext } from '../command-line/context.ts';
import { addOptions, option, repeatedOption, type FlagsOf } from '../command-line/options.ts';
import { showDropping } from '../analysis/filters/show-dropping.ts';
import { showFilters, type ShownLayers } from '../analysis/filters/show-filters.ts';

const options = [
  option(
    '--data <path>',
    "images to search; for --drop, labelled images to learn the attribute from; by default the run's",
    someText,
  ),
  checkpointOption,
  repeatedOption(
    '--layer <name>',
    'layer to show, such as discriminator/block4 or generator/block2; may be given once for each network; by default ' +
      "the discriminator's last and the generator's second to last",
    someText,
  ),
  option(
    '--images <n>',
    'number of images to search for the strongest responses; by default all, up to 10000',
    wholeNumber(1, 250_000),
  ),
  option('--filters <n>', 'filters to show per layer', wholeNumber(1, 100), 8),
  option(
    '--strongest <n>',
    'images to show per filter, those with the strongest response',
    wholeNumber(1, 32),
    8,
  ),
  option(
    '--drop <attribute>',
    'switch off the generator filters that draw this attribute, such as glasses, and show the effect',
    someText,
  ),
  option(
    '--drop-filters <n>',
    'number of filters to switch off, those with the largest weights first; by default all with a positive weight, ' +
      'as in the DCGAN paper',
    wholeNumber(1, 250_000),
  ),
  option(
    '--where <name>',
    'part of the image that --drop examines: where images with and without the attribute differ, or everywhere',
    oneOf('differ', 'everywhere'),
    'differ',
  ),
  option(
    '--samples <n>',
    'generated images that --drop finds the filters on',
    wholeNumber(64, 1_000_000),
    1024,
  ),
  option('--steps <n>', 'training steps of the classifier for --drop', wholeNumber(1, 1_000_000), 300),
  seedOption,
  runEngineOption,
  option(
    '--out <folder>',
    "folder for the results; by default the run's analysis/visualise, or with --drop its analysis/drop-ATTRIBUTE",
    someText,
  ),
  jsonOption,
];
type VisualiseFlags = FlagsOf<typeof options>;

/** Adds `visualise` to the program. */
export function addVisualiseCommand(program: Command, context: CommandContext): void {
  const call = context.invocation('visualise');
  const command = program
    .command('visualise')
    .description(
      'Show what filters of the two networks respond to and draw, or switch off those that draw an attribute.',
    )
    .argument('<run>', runArgument);
  addOptions(command, options)
    .addHelpText(
      'after',
      `
Examples:
  ${call} runs/00001-avatars-dcgan-relativistic
  ${call} runs/00001-avatars-dcgan-relativistic --layer discriminator/block3 --filters 12
  ${call} runs/00001-avatars-dcgan-relativistic --drop glasses --layer generator/block1 --drop-filters 16`,
    )
    .action((run: string, flags: VisualiseFlags) => visualise(run, flags, context));
}

async function visualise(path: string, flags: VisualiseFlags, context: CommandContext): Promise<void> {
  const { cwd, print, warn, signal } = context;
  const { images, drop, dropFilters, filters, strongest, where, samples, steps, seed } = flags;
  if (dropFilters !== null && drop === null) {
    throw new UserError(`--drop-filters ${dropFilters}: goes with --drop; give it too`);
  }
  const run = await openTrainedRun(resolve(cwd, path), flags.checkpoint);
  refuseConditionalRun(run, 'showing its filters');
  refuseWithout('filters', run, 'showing its filters');
  const { config, checkpoint, folder } = run;
  for (const complaint of run.complaints) warn(`warning: ${complaint}; showing ${checkpoint.path}`);
  const layers = layersOf(config, flags);

  const decoding = context.progress('images');
  const opened = await openRunData(run, {
    data: flags.data === null ? null : resolveData(context, flags.data),
    signal,
    warn,
    onProgress: ({ done, total }) => decoding.show('decoding', done, total),
  }).finally(() => decoding.close());
  await using dataset = held(opened.dataset);
  const { difference } = opened;
  if (difference !== null) warn(`warning: ${difference}`);
  if (images !== null && images > dataset.count) {
    throw new UserError(`--images: got ${images}, expected at most ${dataset.count}, all of ${dataset.name}`);
  }
  const choice = { engine: flags.engine ?? config.engine, threads: config.threads };
  await using engine = held((await selectEngine(choice)).engine);
  const say = (line: string): void => {
    if (!flags.json) print(line);
  };
  const shared = { context, engine, run, dataset, filters, seed, say };
  const parts: readonly FindingPart[] =
    drop === null
      ? await showFilters({ ...shared, layers, images, strongest })
      : [
          await showDropping({
            ...shared,
            attribute: drop,
            layer: layers.generator,
            dropFilters,
            where,
            samples,
            steps,
          }),
        ];
  const name = drop === null ? 'visualise' : `drop-${fileName(drop)}`;
  const title = drop === null ? 'What filters look at and draw' : `Forgetting to draw: ${drop}`;
  const out = flags.out === null ? resolve(folder.analysis, name) : resolve(cwd, flags.out);
  const finding = { ...findingOf(name, title, parts), step: checkpoint.metadata.step };
  signal.throwIfAborted();
  await saveFinding(out, finding, warn);
  if (flags.json) {
    const files = (finding.pictures ?? []).map(({ file }) => resolve(out, file));
    print(JSON.stringify({ event: 'done', finding: out, pictures: files, ...finding.data }));
    return;
  }
  for (const { sentence } of parts) say(sentence);
  for (const { file, caption } of finding.pictures ?? []) say(`${resolve(out, file)}: ${caption}`);
}

/** The layers to show. Throws UserError for a layer that does not exist, and for two of one network. */
function layersOf(config: TrainConfig, { layer: asked, drop }: VisualiseFlags): ShownLayers {
  const layers = insideOf(config).layers(config);
  const networks = {
    discriminator: layers.discriminator.map(({ name }) => name),
    generator: layers.generator.map(({ name }) => name),
  };
  const chosen: { discriminator?: string; generator?: string } = {};
  for (const name of asked) {
    const network = (['discriminator', 'generator'] as const).find((kind) => networks[kind].includes(name));
    if (network === undefined || (drop !== null && network === 'discriminator')) {
      const known = drop === null ? [...networks.discriminator, ...networks.generator] : networks.generator;
      const what = drop === null ? 'no such layer' : 'no such layer to drop filters of';
      throw new UserError(`--layer ${name}: there is ${what}; there are ${known.join(', ')}`);
    }
    if (chosen[network] !== undefined) {
      throw new UserError(
        `--layer ${name}: got ${chosen[network]} too, expected one layer of the ${network}`,
      );
    }
    chosen[network] = name;
  }
  return {
    discriminator: chosen.discriminator ?? networks.discriminator.at(-1)!,
    generator: chosen.generator ?? networks.generator.at(-2) ?? networks.generator.at(-1)!,
  };
}
