// `dcgan directions`: finds what directions in a model's latent space mean, by labelled images and a classifier trained on
// them, measures each, and writes those that work into its model.json.
import { join, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { parseModel, type Model } from '../../runtime-web/format/model.ts';
import { Random } from '../../runtime-web/format/random.ts';
import { trainClassifier, type AttributeClassifier } from '../analysis/attribute-classifier.ts';
import type { Effect } from '../analysis/directions.ts';
import { findDirections } from '../analysis/find-directions.ts';
import { refineDirections } from '../analysis/refine-directions.ts';
import { openTrainedRun } from '../analysis/trained-run.ts';
import { realNumber, wholeNumber } from '../config-rules.ts';
import { openDataset } from '../data/dataset.ts';
import { engineNames, type Engine, type EngineName } from '../engine/engine.ts';
import { selectEngine } from '../engine/select-engine.ts';
import { UserError } from '../errors.ts';
import type { FrozenGenerator } from '../export/frozen-networks.ts';
import { openNativeGenerator } from '../export/native-generator.ts';
import { modelFileName } from '../export/package-folder.ts';
import { openPackage, type ModelPackage } from '../export/read-package.ts';
import { writeAtomically, writeFully } from '../run/atomic-file.ts';
import { onDisk } from '../run/disk.ts';
import type { CommandContext } from './context.ts';
import { flagValue } from './flags.ts';
import { jobProgress } from './job-progress.ts';

interface DirectionsFlags {
  readonly data: string;
  readonly samples: string;
  readonly steps: string;
  readonly refine: string;
  readonly seed: string;
  readonly mostMoved: string;
  readonly engine: 'auto' | EngineName;
  readonly json?: true;
}

/** Adds `directions` to the program. */
export function addDirectionsCommand(program: Command, context: CommandContext): void {
  const call = context.invocation('directions');
  program
    .command('directions')
    .description(
      'Find directions in latent space that change one attribute, and write those that work into the model.',
    )
    .argument('<model>', 'a model package, or the run that made it')
    .addOption(new Option('--data <path>', 'labelled images of the same kind').default('avatars'))
    .addOption(new Option('--samples <n>', 'pictures to compare').default('8192'))
    .addOption(new Option('--steps <n>', "updates of the classifier's training").default('2000'))
    .addOption(
      new Option(
        '--refine <n>',
        'updates that make directions better by descent, where the run that made the model is given; 0 for none',
      ).default('2000'),
    )
    .addOption(new Option('--seed <n>', 'of all random numbers').default('0'))
    .addOption(
      new Option('--most-moved <x>', "share of other attributes' verdicts that may change with one").default(
        '0.1',
      ),
    )
    .addOption(
      new Option('--engine <name>', 'what trains the classifier')
        .choices(['auto', ...engineNames])
        .default('auto'),
    )
    .option('--json', 'print one JSON line only')
    .addHelpText('after', `\nExample:\n  ${call} runs/00001-avatars-dcgan`)
    .action((path: string, flags: DirectionsFlags) => directions(path, flags, context));
}

async function directions(path: string, flags: DirectionsFlags, context: CommandContext): Promise<void> {
  const { cwd, print, complain, signal } = context;
  const count = flagValue<number>('--samples', flags.samples, wholeNumber(1000, 1_000_000));
  const steps = flagValue<number>('--steps', flags.steps, wholeNumber(1, 1_000_000));
  const refine = flagValue<number>('--refine', flags.refine, wholeNumber(0, 1_000_000));
  const seed = flagValue<number>('--seed', flags.seed, wholeNumber(0, Number.MAX_SAFE_INTEGER));
  const mostMoved = flagValue<number>('--most-moved', flags.mostMoved, realNumber(0, 1));
  const opened = await openPackage(resolve(cwd, path));
  const { model } = opened;
  if (model.conditioning !== null)
    throw new UserError(`${path}: directions of a conditional model are not supported`);
  const say = (line: string): void => {
    if (flags.json !== true) print(line);
  };

  const data = flags.data === 'avatars' ? flags.data : resolve(cwd, flags.data);
  const dataset = await openDataset({ data, imageSize: model.imageSize, channels: model.channels, signal });
  const frozen = refine === 0 ? null : await frozenGenerator(opened);
  if (refine > 0 && frozen === null) {
    complain(
      `${opened.folder} is not in the run that made it: directions are differences of means, not refined`,
    );
  }
  const { engine } = await selectEngine({ engine: flags.engine, threads: null });
  const generator = await openNativeGenerator(await opened.readFile('generator'), {
    latentDim: model.latent.dim,
    threads: 2,
  });
  const progress = jobProgress(context, 'updates');
  const classifierOf = async (
    job: string,
    judgeEngine: Engine,
    given: number,
  ): Promise<AttributeClassifier> => {
    say(`training ${job} of ${dataset.name}'s attributes on ${engine.name}`);
    return trainClassifier({
      engine: judgeEngine,
      dataset,
      seed: given,
      steps,
      signal,
      onProgress: (done, total) => progress.show(job, done, total),
    });
  };
  let second: Engine | null = null;
  try {
    const classifier = await classifierOf('a classifier', engine, seed);
    let judge = classifier;
    if (frozen !== null) {
      ({ engine: second } = await selectEngine({ engine: flags.engine, threads: null }));
      judge = await classifierOf('a second classifier, to measure with,', second, seed + 2);
    }
    const outcomes = await findDirections({
      model,
      generator,
      classifier,
      judge,
      count,
      mostMoved,
      random: new Random(seed + 1),
      signal,
      say,
      refine: async (samples, starts, random) =>
        frozen === null
          ? null
          : refineDirections({
              engine,
              generator: frozen,
              classifier,
              samples,
              starts,
              steps: refine,
              random,
              signal,
              onProgress: (done, total) => progress.show('refining', done, total),
            }),
    });
    const kept = outcomes.filter(({ isKept }) => isKept).map(({ direction }) => direction);
    const next: Model = { ...model, directions: kept };
    const file = join(opened.folder, modelFileName);
    const text = `${JSON.stringify(next, null, 2)}\n`;
    parseModel(JSON.parse(text), modelFileName);
    await onDisk(
      file,
      () => 'the model is as it was',
      () => writeAtomically(file, (handle) => writeFully(handle, new TextEncoder().encode(text))),
    );
    if (flags.json === true) {
      const table = outcomes.map(({ name, isKept, direction }) => ({
        name,
        isKept,
        ...direction.figures,
      }));
      return print(JSON.stringify({ event: 'done', model: opened.folder, directions: table }));
    }
    say('attribute      classifier   success   others moved');
    for (const { name, isKept, direction } of outcomes) {
      const { success, othersMoved, classifierQuality } = direction.figures as unknown as Effect & {
        classifierQuality: number;
      };
      say(
        `${name.padEnd(14)}${classifierQuality.toFixed(3).padStart(11)}${success.toFixed(3).padStart(10)}` +
          `${othersMoved.toFixed(3).padStart(15)}  ${isKept ? '' : 'left out'}`,
      );
    }
    say(`${kept.length} directions written to ${file}`);
    if (kept.length === 0) complain('warning: no direction does one thing alone; train the model longer');
  } finally {
    progress.close();
    await generator.dispose();
    await engine.dispose();
    await second?.dispose();
    await dataset.close();
  }
}

/** The generator of a package as tfjs ops, from the checkpoint it was exported from; null where that is not at hand. */
async function frozenGenerator({ folder, model }: ModelPackage): Promise<FrozenGenerator | null> {
  try {
    return (await openTrainedRun(folder, String(model.training.steps))).generator;
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}
