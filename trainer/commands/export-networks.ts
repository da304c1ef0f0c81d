// `dcgan export --trainable` without a run: the networks of a configuration, for a page to train.
import { basename, resolve } from 'node:path';
import type { CommandContext } from '../command-line/context.ts';
import { findPreset, resolveOverDefault } from '../config/presets.ts';
import type { TrainConfig } from '../config/fields.ts';
import { selectEngine } from '../engine/select-engine.ts';
import { UserError } from '../errors.ts';
import { exportTrainable } from '../export/export-trainable.ts';
import { held } from '../held.ts';
import { readConfigFile } from './train/train-options.ts';

/** The flags that it takes. */
export interface NetworkFlags {
  readonly trainable: boolean;
  readonly preset: string | null;
  readonly config: string | null;
  readonly out: string | null;
  readonly engine: TrainConfig['engine'] | null;
  readonly json: boolean;
}

/** Writes the package. Throws UserError for flags that are missing and for a configuration that no page can train. */
export async function exportNetworks(flags: NetworkFlags, context: CommandContext): Promise<void> {
  const { cwd, print, signal } = context;
  const { trainable, preset, config: file, out } = flags;
  if (!trainable || (preset === null && file === null)) {
    throw new UserError(
      'export: got no run; give a run folder, or --trainable with --preset or --config for networks that a page trains',
    );
  }
  if (out === null)
    throw new UserError('export --trainable without a run: give --out, the folder for the package');
  const layers = [
    ...(preset === null ? [] : [{ source: `preset ${preset}`, values: findPreset(preset).values }]),
    ...(file === null ? [] : [await readConfigFile(resolve(cwd, file))]),
  ];
  const config = resolveOverDefault(layers);
  await using engine = held(
    (await selectEngine({ engine: flags.engine ?? config.engine, threads: config.threads })).engine,
  );
  const folder = resolve(cwd, out);
  const name = preset ?? basename(folder);
  await exportTrainable({ config, engine, name, out: folder, signal, onProgress: progressOf(flags, print) });
  if (flags.json) print(JSON.stringify({ event: 'done', model: folder }));
  else print(`networks  ${folder} (${name}, to train in a page)`);
}

/** Prints what an export does, as text or as JSON lines. */
export function progressOf(
  { json }: Pick<NetworkFlags, 'json'>,
  print: CommandContext['print'],
): (message: string) => void {
  return (message) => print(json ? JSON.stringify({ event: 'exporting', message }) : message);
}
