// The flags of `train`, made from the table of configuration keys, and the configuration they ask for:
// preset under file under flags, over the saved configuration where a run is resumed.
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import type { ConfigKey, TrainConfig } from '../../config/fields.ts';
import { fieldOf, configKeys, flagOf, defaultConfig } from '../../config/fields.ts';
import type { ConfigLayer } from '../../config/config.ts';
import { fromFlags, resolveConfig } from '../../config/config.ts';
import { UserError } from '../../errors.ts';
import { findPreset, presets, resolveOverDefault } from '../../config/presets.ts';
import { parseRecord } from '../../run/run-folder.ts';

/** The flags that are no configuration keys. */
export interface TrainFlags {
  readonly preset?: string;
  readonly config?: string;
  readonly out?: string;
  readonly resume?: string;
  readonly dryRun?: true;
  readonly json?: true;
  readonly verbose?: true;
}

/** Adds every flag to the command. */
export function addTrainOptions(command: Command): void {
  const start = 'Start:';
  command
    .addOption(
      new Option('--preset <name>', 'what to start from, one of those below (default)').helpGroup(start),
    )
    .addOption(
      new Option('--config <file>', "a JSON file of configuration keys, like a run's config.json").helpGroup(
        start,
      ),
    )
    .addOption(new Option('--out <dir>', 'where the run makes its numbered folder (runs)').helpGroup(start))
    .addOption(new Option('--resume <dir>', 'go on with the run in this folder').helpGroup(start))
    .addOption(
      new Option('--dry-run', 'show what would be trained and how long it would take').helpGroup(start),
    )
    .addOption(
      new Option(
        '--json',
        'print JSON lines only; the last one tells the run, the model and the rate',
      ).helpGroup(start),
    )
    .addOption(new Option('--verbose', "show the engine's own messages as well").helpGroup(start));
  for (const key of configKeys) {
    const { rule, group, about } = fieldOf(key);
    const value = defaultConfig[key];
    const shown = value === null ? about : `${about} (${String(value)})`;
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
 * The configuration that the flags ask for; `saved` is that of the run to go on with. Throws UserError for whatever
 * cannot be, among it a key that a resumed run cannot change.
 */
export async function configFromFlags(
  flags: TrainFlags & Readonly<Record<string, unknown>>,
  cwd: string,
  saved: ConfigLayer | null,
): Promise<TrainConfig> {
  const layers: ConfigLayer[] = saved === null ? [] : [saved];
  const preset = flags.preset === undefined ? null : findPreset(flags.preset);
  if (preset !== null) layers.push({ source: `preset ${flags.preset ?? ''}`, values: preset.values });
  if (flags.config !== undefined) layers.push(await readConfigFile(resolve(cwd, flags.config)));
  layers.push({ source: fromFlags, values: valuesOf(flags, cwd) });
  if (preset?.needsData && saved === null && layers.every(({ values }) => values['data'] === undefined)) {
    throw new UserError(`preset ${flags.preset ?? ''}: no data; give --data with the path of the images`);
  }
  const config = resolveOverDefault(layers);
  if (saved !== null) checkResumable(resolveConfig([saved]), config, saved.source);
  return config;
}

/** A configuration file as a layer; a relative data path in it is meant from the file's folder. */
async function readConfigFile(path: string): Promise<ConfigLayer> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UserError(
      error.code === 'ENOENT'
        ? `--config ${path}: there is no such file`
        : `--config ${path}: cannot be read (${error.message})`,
    );
  });
  const values = parseRecord(text, path);
  const { data } = values;
  return {
    source: path,
    values: typeof data === 'string' ? { ...values, data: absoluteData(data, dirname(path)) } : values,
  };
}

/** The configuration keys among the flags, their texts parsed. */
function valuesOf(flags: Readonly<Record<string, unknown>>, cwd: string): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const key of configKeys) {
    const given = flags[key];
    if (given === undefined) continue;
    values[key] = typeof given === 'string' ? fieldOf(key).rule.parse(given) : given;
  }
  if (typeof values['data'] === 'string') values['data'] = absoluteData(values['data'], cwd);
  return values;
}

/** `avatars` as it is, a path as an absolute one: the saved configuration holds wherever it is used from. */
function absoluteData(data: string, folder: string): string {
  return data === 'avatars' || data.trim() === '' ? data : resolve(folder, data);
}

/** Throws UserError for the first key that a resumed run would have otherwise than it began. */
export function checkResumable(begun: TrainConfig, asked: TrainConfig, source: string): void {
  const key = configKeys.find((name: ConfigKey) => !fieldOf(name).mayChange && begun[name] !== asked[name]);
  if (key === undefined) return;
  throw new UserError(
    `--resume: the run was begun with ${flagOf(key)} ${begun[key]} and cannot go on with ${asked[key]} (${source}); ` +
      `leave ${flagOf(key)} out, or start a new run without --resume`,
  );
}
