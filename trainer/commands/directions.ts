// `dcgan directions`: finds what directions in a model's latent space mean, by labelled images and a classifier trained on
// them, measures each, and writes those that work into its model.json.
import { join, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { parseModel, type Direction, type Model } from '../../runtime-web/format/model.ts';
import { Random } from '../../runtime-web/format/random.ts';
import { trainClassifier, type AttributeClassifier } from '../analysis/attribute-classifier.ts';
import {
  asDirection,
  directionName,
  effectOf,
  meanDifferences,
  withoutOthers,
  type Effect,
} from '../analysis/directions.ts';
import { realNumber, wholeNumber } from '../config-rules.ts';
import { openDataset } from '../data/dataset.ts';
import { engineNames, type EngineName } from '../engine/engine.ts';
import { selectEngine } from '../engine/select-engine.ts';
import { UserError } from '../errors.ts';
import { openNativeGenerator, type NativeGenerator } from '../export/native-generator.ts';
import { modelFileName } from '../export/package-folder.ts';
import { openPackage } from '../export/read-package.ts';
import { writeAtomically, writeFully } from '../run/atomic-file.ts';
import { onDisk } from '../run/disk.ts';
import type { CommandContext } from './context.ts';

interface DirectionsFlags {
  readonly data: string;
  readonly samples: string;
  readonly steps: string;
  readonly seed: string;
  readonly mostMoved: string;
  readonly engine: 'auto' | EngineName;
  readonly json?: true;
}

/** Lengths of a move that are tried, shortest first. */
const lengths = [1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 5, 6, 8] as const;
/** A direction counts where it changes its attribute at least so often, and others at most as often as `--most-moved` allows. */
const leastSuccess = 0.8;
/** Samples that a move is measured on. */
const measuredSamples = 256;
const drawnAtOnce = 64;

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

/** One attribute's outcome. */
interface Outcome {
  readonly name: string;
  readonly length: number;
  readonly isKept: boolean;
  readonly direction: Direction;
}

async function directions(path: string, flags: DirectionsFlags, context: CommandContext): Promise<void> {
  const { cwd, print, complain, signal, isTerminal } = context;
  const whole = (flag: 'samples' | 'steps' | 'seed', least: number, most: number): number => {
    const rule = wholeNumber(least, most);
    const value = rule.parse(flags[flag]);
    if (!rule.accepts(value)) throw new UserError(`--${flag}: got ${flags[flag]}, expected ${rule.expects}`);
    return value as number;
  };
  const count = whole('samples', 1000, 1_000_000);
  const steps = whole('steps', 1, 1_000_000);
  const seed = whole('seed', 0, Number.MAX_SAFE_INTEGER);
  const limit = realNumber(0, 1);
  const mostMoved = limit.parse(flags.mostMoved) as number;
  if (!limit.accepts(mostMoved)) {
    throw new UserError(`--most-moved: got ${flags.mostMoved}, expected ${limit.expects}`);
  }
  const opened = await openPackage(resolve(cwd, path));
  const { model } = opened;
  if (model.conditioning !== null)
    throw new UserError(`${path}: directions of a conditional model are not supported`);
  const say = (line: string): void => {
    if (flags.json !== true) print(line);
  };

  const data = flags.data === 'avatars' ? flags.data : resolve(cwd, flags.data);
  const dataset = await openDataset({ data, imageSize: model.imageSize, channels: model.channels, signal });
  const { engine } = await selectEngine({ engine: flags.engine, threads: null });
  const generator = await openNativeGenerator(await opened.readFile('generator'), {
    latentDim: model.latent.dim,
    threads: 2,
  });
  try {
    say(`training a classifier of ${dataset.name}'s attributes on ${engine.name}`);
    const classifier = await trainClassifier({
      engine,
      dataset,
      seed,
      steps,
      signal,
      onProgress: (done, total) => {
        if (isTerminal)
          process.stderr.write(done < total ? `\r${done} of ${total} updates\x1b[K` : '\r\x1b[K');
      },
    });
    say(`drawing and judging ${count} pictures`);
    const outcomes = await find({
      model,
      generator,
      classifier,
      count,
      mostMoved,
      random: new Random(seed + 1),
      signal,
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
      const table = outcomes.map(({ name, length, isKept, direction }) => ({
        name,
        length,
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
    await generator.dispose();
    await engine.dispose();
    await dataset.close();
  }
}

/** A direction for each attribute, with the shortest length that is enough, or the best there is. */
async function find(given: {
  readonly model: Model;
  readonly generator: NativeGenerator;
  readonly classifier: AttributeClassifier;
  readonly count: number;
  readonly mostMoved: number;
  readonly random: Random;
  readonly signal: AbortSignal;
}): Promise<Outcome[]> {
  const { model, generator, classifier, count, mostMoved, random, signal } = given;
  const { attributes } = classifier;
  const { dim, distribution } = model.latent;
  const judge = async (latents: Float32Array): Promise<Float32Array> => {
    const size = latents.length / dim;
    const verdicts = new Float32Array(size * attributes.length);
    for (let first = 0; first < size; first += drawnAtOnce) {
      signal.throwIfAborted();
      const piece = Math.min(drawnAtOnce, size - first);
      const images = await generator.draw(latents.slice(first * dim, (first + piece) * dim));
      verdicts.set(await classifier.judge(images.data as Float32Array, piece), first * attributes.length);
    }
    return verdicts;
  };
  const latents = random.fillLatent(new Float32Array(count * dim), distribution);
  const verdicts = await judge(latents);
  const plain = meanDifferences({ latents, verdicts, count, dim }, attributes);
  const alone = withoutOthers(plain);
  // Measured on other samples than those they were found by.
  const fresh = random.fillLatent(new Float32Array(4 * measuredSamples * dim), distribution);
  const freshVerdicts = await judge(fresh);
  const outcomes: Outcome[] = [];
  for (const [a, { name, kind }] of attributes.entries()) {
    const off = Array.from({ length: 4 * measuredSamples }, (_, i) => i)
      .filter((i) => freshVerdicts[i * attributes.length + a]! <= (kind === 'binary' ? 0.5 : 0))
      .slice(0, measuredSamples);
    if (off.length < 32) continue;
    const before = pick(freshVerdicts, off, attributes.length);
    let best: Outcome | null = null;
    for (const vector of [alone[a]!, plain[a]!]) {
      for (const length of lengths) {
        const moved = pick(fresh, off, dim).map((value, i) => value + length * vector[i % dim]!);
        const effect = effectOf(before, await judge(moved), attributes, a);
        const isKept = effect.success >= leastSuccess && effect.othersMoved <= mostMoved;
        const direction = asDirection(
          directionName(name),
          vector.map((value) => value * length),
          effect,
          classifier.quality[name]!,
        );
        const outcome: Outcome = { name: direction.name, length, isKept, direction };
        const isBetter =
          best === null ||
          score(effect, mostMoved) > score(best.direction.figures as unknown as Effect, mostMoved);
        if (isBetter || isKept) best = outcome;
        if (isKept) break;
      }
      if (best?.isKept === true) break;
    }
    outcomes.push(best!);
  }
  return outcomes;
}

/** How far a direction is from what is asked of it: zero and more where it is enough. */
function score({ success, othersMoved }: Effect, mostMoved: number): number {
  return Math.min(0, success - leastSuccess) + Math.min(0, mostMoved - othersMoved);
}

/** Rows of a matrix. */
function pick(matrix: Float32Array, rows: readonly number[], width: number): Float32Array {
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, i) => picked.set(matrix.subarray(row * width, (row + 1) * width), i * width));
  return picked;
}
