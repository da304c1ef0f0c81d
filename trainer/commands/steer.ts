// `dcgan steer`: gives pictures an attribute, or takes it, by gradient ascent on their latents through the generator and a
// classifier, while what else the classifier sees is held; and measures how well that works.
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { latentFromSeed, Random } from '../../runtime-web/format/random.ts';
import type { AttributeClassifier } from '../analysis/attributes/attribute-classifier.ts';
import { directionName, effectOf, isOn } from '../analysis/directions/directions.ts';
import { drawSheet, type Picture } from '../pictures/sheet.ts';
import { openTrainedRun, refuseConditionalRun, type TrainedRun } from '../run/trained-run.ts';
import { realNumber, wholeNumber } from '../config/rules.ts';
import { openDataset } from '../data/dataset.ts';
import { engineNames, type EngineName } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import type { FindingTable } from '../findings/findings.ts';
import { findingFolder, saveFinding } from '../run/save-finding.ts';
import { attributeIndex, steeringNetworks } from '../steering/open-steering.ts';
import { openSteering, type Steering, type SteerRequest } from '../steering/steer-latents.ts';
import { trainClassifiers } from '../analysis/attributes/classifiers.ts';
import type { CommandContext } from '../command-line/context.ts';
import { flagValue } from '../command-line/flags.ts';
import { shownPath } from '../command-line/outputs.ts';
import { parseSeeds } from '../command-line/seed-list.ts';

/** The command's flags, as text. */
interface SteerFlags {
  readonly attribute?: readonly string[];
  readonly take?: true;
  readonly seeds: string;
  readonly steps: string;
  readonly rate: string;
  readonly hold: string;
  readonly trials?: string;
  readonly data: string;
  readonly classifierSteps: string;
  readonly engine: 'auto' | EngineName;
  readonly seed: string;
  readonly checkpoint?: string;
  readonly out?: string;
  readonly json?: true;
}

/** Adds `steer` to the program. */
export function addSteerCommand(program: Command, context: CommandContext): void {
  const call = context.invocation('steer');
  program
    .command('steer')
    .description('Give pictures an attribute by moving their latents until a classifier sees it.')
    .argument('<run>', 'the run that made the model')
    .option(
      '--attribute <name>',
      'what to give; may be given several times; without it, everything that the classifier knows',
      (text: string, before: readonly string[] = []) => [...before, text],
    )
    .option('--take', 'take it away instead')
    .option('--seeds <list>', 'which pictures are shown', '0-7')
    .option('--steps <n>', 'updates of each latent', '60')
    .option('--rate <x>', 'how far an update goes', '0.05')
    .option('--hold <x>', 'how much everything else is held; 0 not at all', '1')
    .option('--trials <n>', 'pictures without the attribute to measure on, with what is held and without')
    .option('--data <path>', 'labelled images of the same kind', 'avatars')
    .option('--classifier-steps <n>', "updates of a classifier's training", '2000')
    .addOption(
      new Option('--engine <name>', 'what computes').choices(['auto', ...engineNames]).default('auto'),
    )
    .option('--seed <n>', 'of the classifiers and of the pictures that are measured on', '0')
    .option('--checkpoint <name>', "a checkpoint's name; without it, the newest")
    .option('--out <dir>', "without it, the run's analysis/steer")
    .option('--json', 'print one JSON line only')
    .addHelpText(
      'after',
      `
One classifier steers and a second one, of another seed, measures: what fools the first need not fool the second.

Examples:
  ${call} runs/00001-avatars-dcgan --attribute hat --seeds 0-11
  ${call} runs/00001-avatars-dcgan --trials 256`,
    )
    .action((run: string, flags: SteerFlags) => steerCommand(run, flags, context));
}

/** How well an attribute can be given. */
interface Trial {
  readonly attribute: string;
  readonly pictures: number;
  /** Shares: of pictures that have it then, and of other verdicts that are others; held and not held. */
  readonly held: { readonly success: number; readonly othersMoved: number };
  readonly free: { readonly success: number; readonly othersMoved: number };
}

async function steerCommand(path: string, flags: SteerFlags, context: CommandContext): Promise<void> {
  const { cwd, print, warn, signal } = context;
  const seeds = parseSeeds(flags.seeds);
  const steps = flagValue<number>('--steps', flags.steps, wholeNumber(1, 100_000));
  const rate = flagValue<number>('--rate', flags.rate, realNumber(0, 10, { above: true }));
  const hold = flagValue<number>('--hold', flags.hold, realNumber(0, 1000));
  const trials =
    flags.trials === undefined ? 0 : flagValue<number>('--trials', flags.trials, wholeNumber(1, 100_000));
  const classifierSteps = flagValue<number>(
    '--classifier-steps',
    flags.classifierSteps,
    wholeNumber(1, 1_000_000),
  );
  const seed = flagValue<number>('--seed', flags.seed, wholeNumber(0, Number.MAX_SAFE_INTEGER));
  const run = await openTrainedRun(resolve(cwd, path), flags.checkpoint ?? null);
  refuseConditionalRun(run, 'steering');
  for (const complaint of run.complaints) warn(`warning: ${complaint}`);
  const { config, folder } = run;
  const out =
    flags.out === undefined ? (await findingFolder(folder.path, 'steer'))! : resolve(cwd, flags.out);
  const say = (line: string): void => {
    if (flags.json !== true) print(line);
  };
  const progress = context.progress('updates');
  const { imageSize, channels } = config;
  const data = flags.data === 'avatars' ? flags.data : resolve(cwd, flags.data);
  const dataset = await openDataset({ data, imageSize, channels, signal });
  try {
    checkNames(flags.attribute ?? [], dataset.attributes ?? []);
    const judges = await trainClassifiers(
      { dataset, engine: flags.engine, seed, steps: classifierSteps, hasSecond: true, say, progress },
      context,
    );
    try {
      const { classifier, evaluator: judge, engine } = judges;
      const wanted =
        flags.attribute?.map((name) => attributeIndex(classifier, name)) ??
        classifier.attributes.map((_, i) => i);
      const networks = await steeringNetworks(run, classifier, engine);
      const steering = await openSteering(engine, networks, config.latent);
      try {
        const how = {
          sign: flags.take === true ? -1 : 1,
          steps,
          rate,
          hold,
          signal,
        } as const satisfies Partial<SteerRequest>;
        const sheet: { readonly attribute: string; readonly rows: readonly (readonly Picture[])[] }[] = [];
        const measured: Trial[] = [];
        const steerer: Steerer = { run, steering, classifier, judge, how };
        for (const [i, attribute] of wanted.entries()) {
          const name = directionName(classifier.attributes[attribute]!.name);
          sheet.push({ attribute: name, rows: await showSeeds(steerer, attribute, seeds) });
          if (trials > 0) measured.push(await measure(steerer, attribute, trials, seed));
          const last = measured.at(-1);
          if (last !== undefined) say(describe(last));
          progress.show('steering', i + 1, wanted.length);
        }
        const verb = flags.take === true ? 'taken' : 'given';
        await saveFinding(out, {
          name: 'steer',
          title: 'Steering by a classifier',
          summary: `Latents moved by ${steps} updates until a classifier sees what is to be ${verb}; the rest held by ${hold}.`,
          pictures: [
            {
              file: 'steered.png',
              content: await drawSheet(
                sheet.flatMap(({ attribute, rows: [before, held, free] }) => [
                  { heading: attribute },
                  { label: 'before', groups: [before!] },
                  { label: 'held', groups: [held!] },
                  { label: 'not held', groups: [free!] },
                ]),
                1,
              ),
              caption: 'Pictures before, after with everything else held, and after without',
            },
          ],
          ...(measured.length > 0 && { tables: [tableOf(measured)] }),
          data: { settings: { ...how, signal: undefined, trials, seed }, measured },
        });
        if (flags.json) {
          print(JSON.stringify({ event: 'done', out, quality: classifier.quality, measured }));
        } else print(`${shownPath(cwd, out)}: steered.png and finding.json`);
      } finally {
        await steering.dispose();
      }
    } finally {
      await judges.dispose();
    }
  } finally {
    progress.close();
    await dataset.close();
  }
}

/** Throws UserError, before anything is trained, for an attribute that the images do not have. */
function checkNames(
  names: readonly string[],
  attributes: readonly { readonly name: string; readonly kind: string }[],
): void {
  const known = attributes.filter(({ kind }) => kind !== 'categorical').map(({ name }) => name);
  for (const name of names) {
    if (known.some((attribute) => attribute === name || directionName(attribute) === name)) continue;
    throw new UserError(
      `--attribute: got ${name}, expected one of ${known.map(directionName).join(', ') || 'none: the data have no attributes'}`,
    );
  }
}

/** What steers, what measures, and how. */
interface Steerer {
  readonly run: TrainedRun;
  readonly steering: Steering;
  readonly classifier: AttributeClassifier;
  readonly judge: AttributeClassifier;
  readonly how: Pick<SteerRequest, 'sign' | 'steps' | 'rate' | 'hold' | 'signal'>;
}

/** The pictures of seeds before, after, and after without anything held. */
async function showSeeds(
  { run, steering, how }: Steerer,
  attribute: number,
  seeds: readonly number[],
): Promise<readonly (readonly Picture[])[]> {
  const { latent, latentDistribution, imageSize, channels } = run.config;
  const z = new Float32Array(seeds.length * latent);
  seeds.forEach((seed, i) => z.set(latentFromSeed(seed, latent, latentDistribution), i * latent));
  const request = { ...how, z, count: seeds.length, attribute };
  const held = await steering.steer(request);
  const free = await steering.steer({ ...request, hold: 0 });
  const length = imageSize * imageSize * channels;
  const pictures = (images: Float32Array): Picture[] =>
    seeds.map((_, i) => ({
      height: imageSize,
      width: imageSize,
      channels,
      data: images.slice(i * length, (i + 1) * length),
    }));
  return [pictures(held.before.images), pictures(held.after.images), pictures(free.after.images)];
}

/** Measures on drawn pictures that the second classifier finds to lack the attribute (or, when taken, to have it). */
async function measure(
  { run, steering, judge, how }: Steerer,
  attribute: number,
  count: number,
  seed: number,
): Promise<Trial> {
  const { latent, latentDistribution } = run.config;
  const random = new Random(seed + 7);
  const { attributes } = judge;
  const chosen: Float32Array[] = [];
  const size = 256;
  // Steered by no update at all, latents are only drawn.
  for (let tries = 0; chosen.length < count && tries < 40; tries++) {
    const z = random.fillLatent(new Float32Array(size * latent), latentDistribution);
    const drawn = await steering.steer({ ...how, z, count: size, attribute, steps: 0 });
    const verdicts = await judge.predict(drawn.before.images, size);
    for (let i = 0; i < size && chosen.length < count; i++) {
      if (isOn(verdicts, attributes, i, attribute) !== how.sign > 0)
        chosen.push(z.slice(i * latent, (i + 1) * latent));
    }
  }
  const name = directionName(attributes[attribute]!.name);
  const none = { success: NaN, othersMoved: NaN };
  if (chosen.length === 0) return { attribute: name, pictures: 0, held: none, free: none };
  const z = new Float32Array(chosen.length * latent);
  chosen.forEach((each, i) => z.set(each, i * latent));
  const effect = async (hold: number) => {
    const { before, after } = await steering.steer({ ...how, hold, z, count: chosen.length, attribute });
    const [first, last] = [
      await judge.predict(before.images, chosen.length),
      await judge.predict(after.images, chosen.length),
    ];
    const { success, othersMoved } = effectOf(first, last, attributes, attribute);
    return { success: how.sign > 0 ? success : 1 - success, othersMoved };
  };
  return { attribute: name, pictures: chosen.length, held: await effect(how.hold), free: await effect(0) };
}

const percent = (share: number): string => `${(100 * share).toFixed(0)}%`;

function describe({ attribute, pictures, held, free }: Trial): string {
  if (pictures === 0) return `${attribute}: no picture lacks it`;
  return (
    `${attribute}: works on ${percent(held.success)} of ${pictures}, ${percent(held.othersMoved)} of other verdicts move; ` +
    `with nothing held ${percent(free.success)} and ${percent(free.othersMoved)}`
  );
}

function tableOf(measured: readonly Trial[]): FindingTable {
  return {
    caption: 'How often it works, and how much else the second classifier sees change',
    columns: ['attribute', 'pictures', 'works', 'others moved', 'works, not held', 'others moved, not held'],
    rows: measured.map(({ attribute, pictures, held, free }) => [
      attribute,
      `${pictures}`,
      ...[held.success, held.othersMoved, free.success, free.othersMoved].map(percent),
    ]),
  };
}
