// `dcgan directions`: finds directions in a model's latent space and writes them into its model.json. With labelled images it finds
// one for each attribute, by a classifier; without, those along which the output of the generator's first layer changes most.
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Direction } from '../../runtime-web/format/model.ts';
import { anyText, oneOf, realNumber, someText, wholeNumber } from '../config/rules.ts';
import { UserError } from '../errors.ts';
import { refuseConditional } from '../model-package/draw-latents.ts';
import { openModel } from '../command-line/open-model.ts';
import { runAround } from '../run/run-data.ts';
import { findingFolder } from '../run/save-finding.ts';
import {
  attributeDirections,
  measuredDirections,
  type AttributeDirections,
  type Outcome,
} from '../analysis/directions/by-attribute.ts';
import {
  engineOption,
  jsonOption,
  labelsOption,
  modelArgument,
  seedOption,
} from '../command-line/common-options.ts';
import type { CommandContext } from '../command-line/context.ts';
import { addOptions, grouped, option, refuseOptions, toggle, type FlagsOf } from '../command-line/options.ts';
import { labelledData } from '../command-line/labelled-data.ts';
import { shownPath } from '../command-line/outputs.ts';
import { principalDirections } from '../analysis/directions/by-first-layer.ts';
import {
  mergeDirections,
  saveDirectionStrips,
  sideEffectsText,
  writeDirections,
} from '../analysis/directions/save.ts';

const usualSamples = { attributes: 8192, ganspace: 4096 } as const;

const options = [
  option(
    '--method <name>',
    "attributes: by a classifier of labelled images; without labels, sefa: eigenvectors of the first layer's weights, " +
      "or ganspace: principal components of the first layer's output",
    oneOf('attributes', 'sefa', 'ganspace'),
    'attributes',
  ),
  option(
    '--samples <n>',
    `generated images to use; by default ${usualSamples.attributes} for attributes, ${usualSamples.ganspace} for ganspace`,
    wholeNumber(1000, 1_000_000),
  ),
  engineOption,
  seedOption,
  toggle(
    '--replace',
    "remove all the model's directions first; by default those found by the other kind of method stay",
  ),
  option('--out <folder>', "folder for strips of images; by default the run's analysis/directions", someText),
  jsonOption,
  ...grouped('With --method attributes', [
    toggle('--measure', "find none: measure the model's own directions by attribute anew"),
    option(
      '--data <path>',
      "labelled images like the model's; by default those of its run, or avatars",
      someText,
    ),
    labelsOption,
    option('--steps <n>', 'training steps of each classifier', wholeNumber(1, 1_000_000), 2000),
    option(
      '--refine <n>',
      'gradient steps that refine each direction, if a run is given; 0 disables them',
      wholeNumber(0, 1_000_000),
      2000,
    ),
    option(
      '--most-moved <x>',
      "keep a direction only if it changes at most this fraction of all other attributes' predictions",
      realNumber(0, 1),
      0.1,
    ),
    option(
      '--only <list>',
      'find only these attributes, by name, separated by commas; other directions in the model stay',
      anyText,
    ),
  ]),
  ...grouped('With --method sefa or ganspace', [
    option('--count <n>', 'number of directions', wholeNumber(1, 1000), 8),
  ]),
];
type DirectionsFlags = FlagsOf<typeof options>;

/** The methods that an option has an effect with; an option without an entry has one with all. */
const methodsOf: { readonly [K in keyof DirectionsFlags]?: readonly DirectionsFlags['method'][] } = {
  data: ['attributes'],
  labels: ['attributes'],
  measure: ['attributes'],
  steps: ['attributes'],
  refine: ['attributes'],
  mostMoved: ['attributes'],
  only: ['attributes'],
  engine: ['attributes'],
  samples: ['attributes', 'ganspace'],
  seed: ['attributes', 'ganspace'],
  count: ['sefa', 'ganspace'],
};

/** Options of the search, which have no effect on measuring. */
const searchOptions = ['samples', 'refine', 'mostMoved', 'only', 'replace'];

/** Adds `directions` to the program. */
export function addDirectionsCommand(program: Command, context: CommandContext): void {
  const call = context.invocation('directions');
  const command = program
    .command('directions')
    .description(
      'Find directions in latent space that each change one thing, and write them into model.json.',
    )
    .argument('<model>', modelArgument);
  addOptions(command, options)
    .addHelpText(
      'after',
      `
Directions of sefa and ganspace have numbers, not names; the strips and the demo show what each one
changes. --engine is for attributes, --seed and --samples for attributes and ganspace.

One classifier finds the directions by attribute. A second one, of another architecture, measures them
on latents that the search has not seen: how often the attribute appears, and which of all other
attributes change.

Examples:
  ${call} runs/00001-avatars-dcgan-relativistic
  ${call} runs/00001-avatars-dcgan-relativistic/model --measure
  ${call} runs/00001-photos-dcgan/model --method sefa --count 6 --out strips`,
    )
    .action((path: string, flags: DirectionsFlags) => {
      for (const [name, methods] of Object.entries(methodsOf)) {
        if (methods.includes(flags.method)) continue;
        refuseOptions(
          command,
          [name],
          `has no effect with --method ${flags.method}; it is for ${methods.join(', ')}`,
        );
      }
      if (flags.measure) refuseOptions(command, searchOptions, 'has no effect with --measure');
      return directions(path, flags, context);
    });
}

async function directions(path: string, flags: DirectionsFlags, context: CommandContext): Promise<void> {
  const { cwd, print, warn } = context;
  const { method, steps, refine, seed, count, mostMoved } = flags;
  const samples = flags.samples ?? (method === 'sefa' ? 1000 : usualSamples[method]);
  const only = flags.only?.split(',').map((name) => name.trim()) ?? null;
  const opened = await openModel(resolve(cwd, path), context);
  const { model } = opened;
  refuseConditional(opened, 'finding directions');
  const say = (line: string): void => {
    if (!flags.json) print(line);
  };
  const strips =
    flags.out === null ? await findingFolder(opened.folder, 'directions') : resolve(cwd, flags.out);
  if (strips !== null && (await stat(strips).catch(() => null))?.isDirectory() === false) {
    throw new UserError(`--out ${flags.out ?? strips}: is a file, expected a folder`);
  }

  let outcomes: readonly Outcome[];
  let quality: AttributeDirections['quality'] | null = null;
  if (method === 'attributes') {
    const config = (await runAround(opened.folder))?.config ?? null;
    const trainedOn = model.training?.dataset.name ?? null;
    const data = await labelledData(flags, { config, trainedOn }, context);
    const options = { ...data, count: samples, steps, refine, seed, mostMoved, only, engine: flags.engine };
    const findOrMeasure = flags.measure ? measuredDirections : attributeDirections;
    ({ outcomes, quality } = await findOrMeasure(opened, options, say, context));
  } else {
    const found = await principalDirections(opened, { method, count, samples, seed }, say, context);
    outcomes = found.map((direction) => ({ name: direction.name, isKept: true, direction }));
  }
  // Directions that are only measured stay, whatever their figures.
  const found = outcomes.filter(({ isKept }) => isKept || flags.measure).map(({ direction }) => direction);
  const merged = flags.measure
    ? model.directions.map((own) => found.find(({ name }) => name === own.name) ?? own)
    : mergeDirections(model.directions, found, {
        arePrincipal: method !== 'attributes',
        isReplacing: flags.replace,
        onlyNamed: only !== null,
      });
  const file = await writeDirections(opened, merged);
  if (strips !== null) await saveDirectionStrips(strips, opened, merged, quality, context);
  const stayed = merged.filter((direction) => !found.includes(direction)).map(({ name }) => name);
  if (flags.json) {
    const table = outcomes.map(({ name, isKept, direction }) => ({ name, isKept, ...direction.figures }));
    const report = {
      ...{ event: 'done', model: opened.folder, method, directions: table, stayed },
      ...(quality !== null && { quality }),
    };
    return print(JSON.stringify({ ...report, finding: strips }));
  }
  if (quality !== null) sayEffects(outcomes, quality, flags.measure, say);
  else for (const { name, figures } of found) say(`${name.padEnd(14)}${figuresText(figures)}`);
  say(`${found.length} directions written to ${shownPath(cwd, file)}`);
  if (stayed.length > 0) say(`kept from before: ${stayed.join(', ')}`);
  say(
    strips === null
      ? 'no strips of images: the model is in no run; give --out FOLDER'
      : `strips of images: ${shownPath(cwd, strips)}`,
  );
  if (found.length === 0)
    warn(
      'warning: no direction found changes its attribute often enough and other things seldom enough; train the model longer',
    );
}

/** Prints the table of directions, and the quality of the evaluator on real images. */
function sayEffects(
  outcomes: readonly Outcome[],
  { measures }: AttributeDirections['quality'],
  isMeasuring: boolean,
  say: (line: string) => void,
): void {
  const cell = (value: number | undefined, width: number): string =>
    (value === undefined ? '-' : value.toFixed(3)).padStart(width);
  say('direction      classifier  success  others moved  length, of a latent');
  for (const { name, isKept, direction } of outcomes) {
    const { success, othersMoved, classifierQuality, length, latentLength } = direction.figures;
    say(
      `${name.padEnd(14)}${cell(classifierQuality, 11)}${cell(success, 9)}${cell(othersMoved, 14)}  ` +
        `${length!.toFixed(1)}, ${latentLength!.toFixed(1)}${isKept || isMeasuring ? '' : '  left out'}`,
    );
    const effects = sideEffectsText(direction);
    if (effects !== '') say(`  ${effects}`);
  }
  const list = Object.entries(measures).map(([name, quality]) => `${name} ${quality.toFixed(3)}`);
  say(`the second classifier on held-out images: ${list.join(', ')}`);
}

const figuresText = (figures: Direction['figures']): string =>
  Object.entries(figures)
    .map(([key, value]) => `${key} ${value}`)
    .join('  ');
