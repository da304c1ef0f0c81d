// `dcgan directions`: finds what directions in a model's latent space do, by labelled images and a classifier trained on
// them, or, without labels, those that the generator's first layer answers to most; and writes them into its model.json.
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import type { Direction } from '../../runtime-web/format/model.ts';
import type { Effect } from '../analysis/directions/directions.ts';
import type { Outcome } from '../analysis/directions/find-directions.ts';
import type { PrincipalMethod } from '../analysis/directions/principal-directions.ts';
import { realNumber, wholeNumber } from '../config/rules.ts';
import { engineNames, type EngineName } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import { refuseConditional } from '../model-package/draw-latents.ts';
import { openPackage } from '../model-package/read-package.ts';
import { findingFolder } from '../run/save-finding.ts';
import { attributeDirections } from '../analysis/directions/by-attribute.ts';
import type { CommandContext } from '../command-line/context.ts';
import { flagValue, refuseFlags } from '../command-line/options.ts';
import { shownPath } from '../command-line/outputs.ts';
import { principalDirections } from '../analysis/directions/by-first-layer.ts';
import { mergeDirections, saveDirectionStrips, writeDirections } from '../analysis/directions/save.ts';

interface DirectionsFlags {
  readonly method: 'attributes' | PrincipalMethod;
  readonly data: string;
  readonly samples?: string;
  readonly steps: string;
  readonly refine: string;
  readonly seed: string;
  readonly only?: string;
  readonly mostMoved: string;
  readonly count: string;
  readonly engine: 'auto' | EngineName;
  readonly replace?: true;
  readonly out?: string;
  readonly json?: true;
}

/** Flags that one way of finding directions alone has, by their names in commander. */
const meantFor: Readonly<Record<string, readonly DirectionsFlags['method'][]>> = {
  data: ['attributes'],
  steps: ['attributes'],
  refine: ['attributes'],
  mostMoved: ['attributes'],
  only: ['attributes'],
  engine: ['attributes'],
  samples: ['attributes', 'ganspace'],
  seed: ['attributes', 'ganspace'],
  count: ['sefa', 'ganspace'],
};
const usualSamples = { attributes: 8192, ganspace: 4096 } as const;

/** Adds `directions` to the program. */
export function addDirectionsCommand(program: Command, context: CommandContext): void {
  const call = context.invocation('directions');
  const command: Command = program
    .command('directions')
    .description('Find directions in latent space that change one thing, and write them into the model.')
    .argument('<model>', 'a model package, or the run that made it')
    .addOption(
      new Option(
        '--method <how>',
        "by labelled attributes; or, without labels, eigenvectors of the first layer's weights (sefa) or principal " +
          'components of what it gives (ganspace)',
      )
        .choices(['attributes', 'sefa', 'ganspace'])
        .default('attributes'),
    )
    .addOption(new Option('--data <path>', 'attributes: labelled images of the same kind').default('avatars'))
    .option(
      '--samples <n>',
      `attributes, ganspace: pictures to compare; without it, ${usualSamples.attributes} and ${usualSamples.ganspace}`,
    )
    .addOption(new Option('--steps <n>', "attributes: updates of the classifier's training").default('2000'))
    .addOption(
      new Option(
        '--refine <n>',
        'attributes: updates that make directions better by descent, where the run that made the model is given; ' +
          '0 for none',
      ).default('2000'),
    )
    .addOption(
      new Option(
        '--most-moved <x>',
        "attributes: share of other attributes' verdicts that may change with one",
      ).default('0.1'),
    )
    .option(
      '--only <list>',
      'attributes: those to find, by name; directions by other attributes stay as they are',
    )
    .addOption(
      new Option('--engine <name>', 'attributes: what trains the classifier')
        .choices(['auto', ...engineNames])
        .default('auto'),
    )
    .addOption(new Option('--count <n>', 'sefa, ganspace: directions').default('8'))
    .addOption(new Option('--seed <n>', 'attributes, ganspace: of all random numbers').default('0'))
    .option(
      '--replace',
      'leave none of the directions that the model has; without it, those of the other kind stay',
    )
    .option('--out <folder>', "where strips of pictures go; without it, the run's analysis/directions")
    .option('--json', 'print one JSON line only')
    .addHelpText(
      'after',
      `
Principal directions are named by number: what each does is for you to see, in the strips and in the demo.

Examples:
  ${call} runs/00001-avatars-dcgan
  ${call} runs/00001-photos-dcgan/model --method sefa --count 6 --out strips`,
    )
    .action((path: string, flags: DirectionsFlags) => {
      for (const [name, methods] of Object.entries(meantFor)) {
        if (methods.includes(flags.method)) continue;
        refuseFlags(
          command,
          [name],
          `says nothing to --method ${flags.method}; it is for ${methods.join(', ')}`,
        );
      }
      return directions(path, flags, context);
    });
}

async function directions(path: string, flags: DirectionsFlags, context: CommandContext): Promise<void> {
  const { cwd, print, warn } = context;
  const whole = (flag: string, text: string, least: number, most: number): number =>
    flagValue<number>(flag, text, wholeNumber(least, most));
  const { method } = flags;
  const given = flags.samples ?? String(method === 'sefa' ? 1000 : usualSamples[method]);
  const samples = whole('--samples', given, 1000, 1_000_000);
  const steps = whole('--steps', flags.steps, 1, 1_000_000);
  const refine = whole('--refine', flags.refine, 0, 1_000_000);
  const seed = whole('--seed', flags.seed, 0, Number.MAX_SAFE_INTEGER);
  const count = whole('--count', flags.count, 1, 1000);
  const only = flags.only === undefined ? null : flags.only.split(',').map((name) => name.trim());
  const mostMoved = flagValue<number>('--most-moved', flags.mostMoved, realNumber(0, 1));
  const opened = await openPackage(resolve(cwd, path));
  const { model } = opened;
  refuseConditional(opened, 'finding directions');
  const say = (line: string): void => {
    if (flags.json !== true) print(line);
  };
  const strips =
    flags.out === undefined ? await findingFolder(opened.folder, 'directions') : resolve(cwd, flags.out);
  if (strips !== null && (await stat(strips).catch(() => null))?.isDirectory() === false) {
    throw new UserError(`--out ${flags.out ?? strips}: is a file, expected a folder`);
  }

  let outcomes: readonly Outcome[];
  if (method === 'attributes') {
    const { data, engine } = flags;
    const options = { data, count: samples, steps, refine, seed, mostMoved, only, engine };
    outcomes = await attributeDirections(opened, options, say, context);
  } else {
    const found = await principalDirections(opened, { method, count, samples, seed }, say, context);
    outcomes = found.map((direction) => ({ name: direction.name, isKept: true, direction }));
  }
  const found = outcomes.filter(({ isKept }) => isKept).map(({ direction }) => direction);
  const merged = mergeDirections(model.directions, found, {
    arePrincipal: method !== 'attributes',
    isReplacing: flags.replace === true,
    onlyNamed: only !== null,
  });
  const file = await writeDirections(opened, merged);
  if (strips !== null) await saveDirectionStrips(strips, opened, merged, context);
  const stayed = merged.filter((direction) => !found.includes(direction)).map(({ name }) => name);
  if (flags.json === true) {
    const table = outcomes.map(({ name, isKept, direction }) => ({ name, isKept, ...direction.figures }));
    const report = { event: 'done', model: opened.folder, method, directions: table, stayed };
    return print(JSON.stringify({ ...report, finding: strips }));
  }
  if (method === 'attributes') sayEffects(outcomes, say);
  else for (const { name, figures } of found) say(`${name.padEnd(14)}${figuresText(figures)}`);
  say(`${found.length} directions written to ${shownPath(cwd, file)}`);
  if (stayed.length > 0) say(`kept those that were there: ${stayed.join(', ')}`);
  say(
    strips === null
      ? 'the model is in no run: give --out FOLDER for strips of pictures'
      : `strips of pictures: ${shownPath(cwd, strips)}`,
  );
  if (found.length === 0) warn('warning: no direction does one thing alone; train the model longer');
}

/** The table of what directions by attribute do. */
function sayEffects(outcomes: readonly Outcome[], say: (line: string) => void): void {
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
}

const figuresText = (figures: Direction['figures']): string =>
  Object.entries(figures)
    .map(([key, value]) => `${key} ${value}`)
    .join('  ');
