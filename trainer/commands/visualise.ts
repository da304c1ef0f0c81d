// `dcgan visualise`: what the filters of a run's networks look at and draw, and what pictures lose when those that draw one
// thing are switched off.
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { fileName } from '../analysis/filters/drop-sheet.ts';
import { findingOf, type FindingPart } from '../findings/part.ts';
import { hiddenLayers } from '../analysis/filters/generator-probe.ts';
import { openRunData, resolveData } from '../run/run-data.ts';
import { openTrainedRun, refuseConditionalRun, refuseStyleRun } from '../run/trained-run.ts';
import type { TrainConfig } from '../config/fields.ts';
import { wholeNumber } from '../config/rules.ts';
import { engineNames, type EngineName } from '../engine/engine.ts';
import { selectEngine } from '../engine/select-engine.ts';
import { UserError } from '../errors.ts';
import { discriminatorBlocks } from '../networks/discriminator.ts';
import { saveFinding } from '../run/save-finding.ts';
import type { CommandContext } from '../command-line/context.ts';
import { flagValue } from '../command-line/options.ts';
import { showDropping } from '../analysis/filters/show-dropping.ts';
import { showFilters, type ShownLayers } from '../analysis/filters/show-filters.ts';

interface VisualiseFlags {
  readonly data?: string;
  readonly checkpoint?: string;
  readonly layer: readonly string[];
  readonly images?: string;
  readonly filters: string;
  readonly strongest: string;
  readonly drop?: string;
  readonly dropFilters?: string;
  readonly where: 'differ' | 'everywhere';
  readonly samples: string;
  readonly steps: string;
  readonly seed: string;
  readonly engine?: 'auto' | EngineName;
  readonly out?: string;
  readonly json?: true;
}

/** Adds `visualise` to the program. */
export function addVisualiseCommand(program: Command, context: CommandContext): void {
  const call = context.invocation('visualise');
  const collect = (name: string, before: readonly string[]): string[] => [...before, name];
  program
    .command('visualise')
    .description("Show what the networks' filters look at and draw, or switch off those that draw one thing.")
    .argument('<run>', 'a run folder, or the model in it')
    .option('--data <path>', "images to search and to learn attributes from; without it, the run's own")
    .option('--checkpoint <name>', 'which of its checkpoints, as in step-000500; without it, the newest')
    .addOption(
      new Option(
        '--layer <name>',
        "which layer: discriminator/block4, generator/block2; once for each network; without it, D's last and G's second highest",
      )
        .argParser(collect)
        .default([], 'none'),
    )
    .option('--images <n>', 'images to search for the strongest responses; without it, all, at most 10000')
    .addOption(new Option('--filters <n>', 'filters to show of a layer').default('8'))
    .addOption(new Option('--strongest <n>', 'images to show for a filter').default('8'))
    .option('--drop <attribute>', 'switch off the filters that draw it, instead: --drop glasses')
    .option(
      '--drop-filters <n>',
      'how many of them, the largest weights first; without it, all of positive weight, as in the paper',
    )
    .addOption(
      new Option('--where <place>', 'where in the picture --drop looks for what draws it')
        .choices(['differ', 'everywhere'])
        .default('differ'),
    )
    .addOption(new Option('--samples <n>', 'pictures that --drop finds the filters on').default('1024'))
    .addOption(new Option('--steps <n>', "updates of the classifier's training, for --drop").default('300'))
    .addOption(new Option('--seed <n>', 'of all random numbers').default('0'))
    .addOption(
      new Option('--engine <name>', "what computes; without it, the run's").choices(['auto', ...engineNames]),
    )
    .option('--out <dir>', "a folder for the pictures; without it, 'analysis' in the run folder")
    .option('--json', 'print one JSON line only')
    .addHelpText(
      'after',
      `
Examples:
  ${call} runs/00001-avatars-dcgan
  ${call} runs/00001-avatars-dcgan --layer discriminator/block3 --filters 12
  ${call} runs/00001-avatars-dcgan --drop glasses --layer generator/block1 --drop-filters 16`,
    )
    .action((run: string, flags: VisualiseFlags) => visualise(run, flags, context));
}

async function visualise(path: string, flags: VisualiseFlags, context: CommandContext): Promise<void> {
  const { cwd, print, warn, signal } = context;
  const optional = (flag: string, text: string | undefined): number | null =>
    text === undefined ? null : flagValue<number>(flag, text, wholeNumber(1, 250_000));
  const images = optional('--images', flags.images);
  const dropFilters = optional('--drop-filters', flags.dropFilters);
  const filters = flagValue<number>('--filters', flags.filters, wholeNumber(1, 100));
  const strongest = flagValue<number>('--strongest', flags.strongest, wholeNumber(1, 32));
  const samples = flagValue<number>('--samples', flags.samples, wholeNumber(64, 1_000_000));
  const steps = flagValue<number>('--steps', flags.steps, wholeNumber(1, 1_000_000));
  const seed = flagValue<number>('--seed', flags.seed, wholeNumber(0, Number.MAX_SAFE_INTEGER));
  if (dropFilters !== null && flags.drop === undefined) {
    throw new UserError(`--drop-filters ${dropFilters}: goes with --drop; give it too`);
  }
  const run = await openTrainedRun(resolve(cwd, path), flags.checkpoint ?? null);
  refuseConditionalRun(run, 'showing its filters');
  refuseStyleRun(run, 'showing its filters');
  const { config, checkpoint, folder } = run;
  for (const complaint of run.complaints) warn(`warning: ${complaint}; showing ${checkpoint.path}`);
  const layers = layersOf(config, flags);

  const decoding = context.progress('images');
  const { dataset, difference } = await openRunData(run, {
    data: flags.data === undefined ? null : resolveData(cwd, flags.data),
    signal,
    onProgress: ({ done, total }) => decoding.show('decoding', done, total),
  }).finally(() => decoding.close());
  try {
    if (difference !== null) warn(`warning: ${difference}`);
    if (images !== null && images > dataset.count) {
      throw new UserError(
        `--images: got ${images}, expected at most ${dataset.count}, all of ${dataset.name}`,
      );
    }
    const { engine } = await selectEngine({ engine: flags.engine ?? config.engine, threads: config.threads });
    try {
      const say = (line: string): void => {
        if (flags.json !== true) print(line);
      };
      const shared = { context, engine, run, dataset, filters, seed, say };
      const parts: readonly FindingPart[] =
        flags.drop === undefined
          ? await showFilters({ ...shared, layers, images, strongest })
          : [
              await showDropping({
                ...shared,
                attribute: flags.drop,
                layer: layers.generator,
                dropFilters,
                where: flags.where,
                samples,
                steps,
              }),
            ];
      const name = flags.drop === undefined ? 'visualise' : `drop-${fileName(flags.drop)}`;
      const title =
        flags.drop === undefined ? 'What filters look at and draw' : `Forgetting to draw: ${flags.drop}`;
      const out = flags.out === undefined ? resolve(folder.analysis, name) : resolve(cwd, flags.out);
      const finding = findingOf(name, title, parts);
      signal.throwIfAborted();
      await saveFinding(out, finding);
      if (flags.json === true) {
        const files = (finding.pictures ?? []).map(({ file }) => resolve(out, file));
        print(JSON.stringify({ event: 'done', finding: out, pictures: files, ...finding.data }));
        return;
      }
      for (const { sentence } of parts) say(sentence);
      for (const { file, caption } of finding.pictures ?? []) say(`${resolve(out, file)}: ${caption}`);
    } finally {
      await engine.dispose();
    }
  } finally {
    await dataset.close();
  }
}

/** The layers that are asked for, or D's last and G's second highest. Throws UserError for others, and for two of one network. */
function layersOf(config: TrainConfig, { layer: asked, drop }: VisualiseFlags): ShownLayers {
  const networks = {
    discriminator: discriminatorBlocks(config).map(({ name }) => name),
    generator: hiddenLayers(config).map(({ name }) => name),
  };
  const chosen: { discriminator?: string; generator?: string } = {};
  for (const name of asked) {
    const network = (['discriminator', 'generator'] as const).find((kind) => networks[kind].includes(name));
    if (network === undefined || (drop !== undefined && network === 'discriminator')) {
      const there =
        drop === undefined ? [...networks.discriminator, ...networks.generator] : networks.generator;
      const what = drop === undefined ? 'no such layer' : 'no such layer to drop filters of';
      throw new UserError(`--layer ${name}: there is ${what}; there are ${there.join(', ')}`);
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
