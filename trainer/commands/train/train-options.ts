// The options of `train`, mostly derived from the table of configuration keys, and the configuration that they make. Flags override
// the file, the file the recipe and the preset, the preset the saved configuration of a resumed run.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import type { ConfigKey, TrainConfig } from '../../config/fields.ts';
import { fieldOf, configKeys, flagOf, defaultConfig } from '../../config/fields.ts';
import type { ConfigLayer } from '../../config/config.ts';
import { fromFlags, resolveConfig } from '../../config/config.ts';
import { noData } from '../../data/no-data.ts';
import { recipeNames } from '../../config/recipes.ts';
import { oneOf, someText, wholeNumber } from '../../config/rules.ts';
import {
  addOptions,
  grouped,
  option,
  optionalValue,
  toggle,
  type FlagsOf,
} from '../../command-line/options.ts';
import { UserError } from '../../errors.ts';
import { configByRecipe, type ChosenConfig } from './choose-recipe.ts';
import type { Job } from '../../job.ts';
import { findPreset, presets, resolveOverDefault } from '../../config/presets.ts';
import { resolveData } from '../../run/run-data.ts';
import { parseRecord } from '../../run/run-folder.ts';
import { checkStart, findStart, settingsOf } from '../../run/start-from.ts';

/** The options that are not configuration keys. */
const options = grouped('Start', [
  option('--preset <name>', 'start from one of the presets below (default: "default")', someText),
  option(
    '--recipe <name>',
    "choose method, width, batch and length by the images and --minutes: modern, or the DCGAN paper's " +
      '(default: "modern", unless --preset, --config, --from or --resume is given)',
    oneOf(...recipeNames),
  ),
  option('--config <file>', "JSON file of configuration keys, such as a run's config.json", someText),
  option(
    '--out <folder>',
    'folder for runs, in which this one makes its numbered folder (default: "runs")',
    someText,
  ),
  option('--resume <run>', 'run folder to continue training in', someText),
  toggle('--dry-run', 'print the configuration, networks and estimated time, and train nothing'),
  optionalValue(
    '--watch [port]',
    'serve the report on this machine while training, on a free port unless one is given; the address is printed',
    wholeNumber(0, 65_535),
    0,
  ),
  toggle('--json', 'print JSON lines only; the last one has the run folder, the model and the speed'),
  toggle('--verbose', "also print the engine's own messages"),
]);

/** The flags of `train`: these, and the text of each configuration key that is given. */
export type TrainFlags = FlagsOf<typeof options> & Readonly<Record<string, unknown>>;

/** Adds every option to the command. */
export function addTrainOptions(command: Command): void {
  addOptions(command, options);
  addKeyOptions(command, configKeys);
}

/** Adds the options of some keys of the configuration. */
export function addKeyOptions(command: Command, keys: readonly ConfigKey[]): void {
  for (const key of keys) {
    const { rule, group, about } = fieldOf(key);
    const value = defaultConfig[key];
    const shown = value === null ? about : `${about} (default: ${String(value)})`;
    const flag = rule.placeholder === null ? flagOf(key) : `${flagOf(key)} ${rule.placeholder}`;
    command.addOption(new Option(flag, shown).helpGroup(`${group}:`));
    if (rule.placeholder === null) {
      command.addOption(
        new Option(`--no-${flagOf(key).slice(2)}`, 'or not').helpGroup(`${group}:`).hideHelp(),
      );
    }
  }
}

/** The presets as lines for `--help`. */
export function describePresets(): string {
  const width = Math.max(...Object.keys(presets).map((name) => name.length));
  const lines = Object.entries(presets).map(([name, { about }]) => `  ${name.padEnd(width)}  ${about}`);
  return ['Presets:', ...lines].join('\n');
}

/**
 * The configuration that the flags make; `saved` is that of the run to resume. Throws UserError for invalid values, and for
 * changes that a resumed run does not allow.
 */
export async function configFromFlags(
  flags: TrainFlags,
  job: Pick<Job, 'cwd' | 'warn' | 'signal'>,
  saved: ConfigLayer | null,
): Promise<ChosenConfig> {
  const isBegun = saved !== null && saved.values['data'] !== noData;
  const preset = flags.preset === null ? null : findPreset(flags.preset);
  const base = preset === null ? [] : [{ source: `preset ${flags.preset}`, values: preset.values }];
  const given: ConfigLayer[] = [];
  if (flags.config !== null) given.push(await readConfigFile(resolve(job.cwd, flags.config)));
  given.push({ source: fromFlags, values: valuesOf(flags, job) });
  const layers: readonly ConfigLayer[] = [...base, ...given];
  const hasData = saved !== null || layers.some(({ values }) => values['data'] !== undefined);
  if (!hasData && existsSync(resolve(job.cwd, 'avatars')))
    job.warn(
      'note: without --data the images are faces that this program draws; for ./avatars give --data ./avatars',
    );
  if (preset?.needsData && !hasData) {
    throw new UserError(`preset ${flags.preset}: no data; give --data with the path of the images`);
  }
  if (saved === null) return await newConfig({ base, given }, flags, job);
  if (flags.recipe !== null) {
    throw new UserError(
      '--recipe and --resume contradict each other: a resumed run has its settings; leave --recipe out',
    );
  }
  const config = resolveResumed([saved, ...layers.map((layer) => ({ ...layer, hasImplied: !isBegun }))]);
  checkResumable(resolveConfig([saved]), config, saved.source);
  return { config, recipe: null };
}

/** The configuration of a new run: by a recipe, over a preset or a file, or over the settings of the run that it starts from. */
async function newConfig(
  { base, given }: { readonly base: readonly ConfigLayer[]; readonly given: readonly ConfigLayer[] },
  flags: TrainFlags,
  job: Pick<Job, 'warn' | 'signal'>,
): Promise<ChosenConfig> {
  const layers = [...base, ...given];
  const at = layers.findLastIndex(({ values }) => values['from'] !== undefined);
  const from = layers[at]?.values['from'];
  if (typeof from !== 'string' || from.trim() === '') {
    return await configByRecipe({ base, given }, flags, job.signal);
  }
  if (flags.recipe !== null) {
    throw new UserError(
      `--recipe ${flags.recipe} and --from contradict each other: the settings of that run are the defaults; leave one of them out`,
    );
  }
  const hash = layers.slice(at).findLast(({ values }) => values['fromHash'] !== undefined)?.values[
    'fromHash'
  ];
  const found = await findStart(from, typeof hash === 'string' ? hash : null);
  for (const complaint of found.complaints) job.warn(`warning: ${complaint}`);
  const { path } = found.checkpoint;
  const config = resolveFrom([settingsOf(found, layers), ...layers]);
  checkStart(found, config);
  return { config: Object.freeze({ ...config, from: path, fromHash: found.sha256 }), recipe: null };
}

/** {@link resolveOverDefault}; a contradiction says that settings may come from `--from`. */
function resolveFrom(layers: readonly ConfigLayer[]): TrainConfig {
  try {
    return resolveOverDefault(layers);
  } catch (error) {
    if (!(error instanceof UserError) || !error.message.includes('contradict')) throw error;
    throw new UserError(
      `${error.message} (what is not given comes from the run of --from, by its config.json)`,
    );
  }
}

/** The configuration of a resumed run. Throws UserError as {@link resolveOverDefault} does, with what a resumed run cannot change. */
function resolveResumed(layers: readonly ConfigLayer[]): TrainConfig {
  try {
    return resolveOverDefault(layers);
  } catch (error) {
    if (!(error instanceof UserError) || !error.message.includes('contradict')) throw error;
    throw new UserError(
      `${error.message} (--resume keeps the networks and the objective; change only the rest)`,
    );
  }
}

/** A configuration file as a layer; relative paths of data and labels in it start from the file's folder. */
export async function readConfigFile(path: string): Promise<ConfigLayer> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UserError(
      error.code === 'ENOENT'
        ? `--config ${path}: there is no such file`
        : `--config ${path}: cannot be read (${error.message})`,
    );
  });
  const values = parseRecord(text, path);
  const { data, labels, from } = values;
  const absolute = (place: string): string => resolve(dirname(path), place);
  return {
    source: path,
    values: {
      ...values,
      ...(isPath(data) && { data: absolute(data) }),
      ...(typeof labels === 'string' && { labels: absolute(labels) }),
      ...(typeof from === 'string' && { from: absolute(from) }),
    },
  };
}

/** The configuration keys among the flags, parsed. */
export function valuesOf(
  flags: Readonly<Record<string, unknown>>,
  job: Pick<Job, 'cwd' | 'warn'>,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const key of configKeys) {
    const given = flags[key];
    if (given === undefined) continue;
    values[key] = typeof given === 'string' ? fieldOf(key).rule.parse(given) : given;
  }
  // Absolute, so that the saved configuration works from any folder.
  const { data, labels } = values;
  if (typeof labels === 'string') values['labels'] = resolve(job.cwd, labels);
  if (data === 'avatars' || isPath(data)) values['data'] = resolveData(job, data);
  const { from } = values;
  if (typeof from === 'string' && from.trim() !== '') values['from'] = resolve(job.cwd, from);
  return values;
}

/** True for a value of `data` that is a path: in a file that this program wrote, `avatars` is always the built-in set. */
function isPath(data: unknown): data is string {
  return typeof data === 'string' && data !== 'avatars' && data !== noData && data.trim() !== '';
}

/** Keys that an imported run gets with its first images. */
const chosenWithImages: ReadonlySet<ConfigKey> = new Set([
  'flip',
  'holdOut',
  'classes',
  'labelColumn',
  'fit',
  'focus',
  'resample',
  'background',
]);

/**
 * Throws UserError for the first key that differs and that a resumed run cannot change. A run that was imported and has not been
 * trained yet has begun with its networks only.
 */
export function checkResumable(begun: TrainConfig, asked: TrainConfig, source: string): void {
  const isTrained = begun.data !== noData;
  const mayChange = (name: ConfigKey): boolean => {
    const { mayChange: always, group } = fieldOf(name);
    return always || (!isTrained && (group === 'Objective and optimiser' || chosenWithImages.has(name)));
  };
  const key = configKeys.find((name: ConfigKey) => !mayChange(name) && begun[name] !== asked[name]);
  if (key === undefined) return;
  throw new UserError(
    `--resume: the run was begun with ${flagOf(key)} ${begun[key]} and cannot go on with ${asked[key]} (${source}); ` +
      `leave ${flagOf(key)} out, or start a new run without --resume`,
  );
}
