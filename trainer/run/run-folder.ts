// The folder of a run: numbered, made once, known by its `config.json`. Numbers are claimed by making a folder
// of the bare number, which the system lets one process do, so runs started together never share one.
import { access, constants, mkdir, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { TrainConfig } from '../config/fields.ts';
import { UserError } from '../errors.ts';
import { resolveOverDefault } from '../config/presets.ts';
import { temporaryEnding, writeFileAtomically } from '../files/atomic-file.ts';
import { diskReason } from '../files/disk.ts';

/** Where the parts of a run lie; all paths absolute. */
export interface RunFolder {
  readonly path: string;
  readonly config: string;
  readonly stats: string;
  readonly samples: string;
  readonly checkpoints: string;
  readonly report: string;
  /** What analysis commands have found, a folder each. */
  readonly analysis: string;
  readonly model: string;
  readonly lock: string;
}

/** The parts of the run folder at `path`; touches nothing. */
export function runFolderAt(path: string): RunFolder {
  const root = resolve(path);
  return {
    path: root,
    config: join(root, 'config.json'),
    stats: join(root, 'stats.jsonl'),
    samples: join(root, 'samples'),
    checkpoints: join(root, 'checkpoints'),
    report: join(root, 'report.html'),
    analysis: join(root, 'analysis'),
    model: join(root, 'model'),
    lock: join(root, 'lock'),
  };
}

/**
 * Makes `out/00007-NAME/` with the next free number, and the folders in it. Throws UserError where `out` cannot
 * be written to or is no folder.
 */
export async function createRunFolder(out: string, name: string): Promise<RunFolder> {
  try {
    await mkdir(out, { recursive: true });
    for (;;) {
      const number = String(Math.max(0, ...(await takenNumbers(out))) + 1).padStart(5, '0');
      const claim = join(out, number);
      try {
        await mkdir(claim);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
        throw error;
      }
      // Another run may have claimed and renamed this number between our look and our claim.
      const others = (await readdir(out)).filter((entry) => entry.startsWith(`${number}-`));
      if (others.length > 0) {
        await rmdir(claim);
        continue;
      }
      const folder = runFolderAt(join(out, `${number}-${name}`));
      await rename(claim, folder.path);
      await mkdir(folder.samples);
      await mkdir(folder.checkpoints);
      return folder;
    }
  } catch (error) {
    throw unwritable(out, error);
  }
}

/**
 * Throws UserError where `out` (or the nearest folder above it that exists) cannot be written to: found out
 * before the data are read, not after.
 */
export async function checkWritable(out: string): Promise<void> {
  for (let path = resolve(out); ; path = dirname(path)) {
    try {
      if (!(await stat(path)).isDirectory()) {
        throw new UserError(`--out ${out}: ${path} is a file; give a folder for the runs`);
      }
      await access(path, constants.W_OK | constants.X_OK);
      return;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'ENOENT' || dirname(path) === path) throw unwritable(out, error);
    }
  }
}

/**
 * The run folder at `path`, for resuming, with its configuration. Throws UserError where there is none, naming
 * the newest run where `path` is a folder of runs.
 */
export async function openRunFolder(
  path: string,
): Promise<{ readonly folder: RunFolder; readonly config: TrainConfig }> {
  const folder = runFolderAt(path);
  let text: string;
  try {
    text = await readFile(folder.config, 'utf8');
  } catch {
    const inside = (await readdir(path).catch(() => [])).filter((entry) => /^\d{5,}-/.test(entry)).sort();
    const newest = inside.at(-1);
    const hint =
      newest === undefined ? 'give a folder that training has made' : `did you mean ${join(path, newest)}?`;
    throw new UserError(`${path}: not a run folder (no config.json in it); ${hint}`);
  }
  return {
    folder,
    config: resolveOverDefault([{ source: folder.config, values: parseRecord(text, folder.config) }]),
  };
}

/** A JSON record from a file's text. Throws UserError, naming the file, where it is none. */
export function parseRecord(text: string, path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // The message quotes the text, line ends and all.
    throw new UserError(`${path}: not JSON (${(error as Error).message.replaceAll(/\s+/g, ' ')})`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UserError(`${path}: expected a JSON object of configuration keys`);
  }
  return value as Record<string, unknown>;
}

/** What stands in `config.json`: complete, so that `--config` repeats the run. */
export function configText(config: TrainConfig): string {
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** Writes `config.json`. */
export async function writeConfig(folder: RunFolder, config: TrainConfig): Promise<void> {
  await writeFileAtomically(folder.config, configText(config));
}

/** Removes what a killed process left half-written. Call with the lock held. */
export async function removeLeftovers(folder: RunFolder): Promise<void> {
  for (const place of [folder.path, folder.samples, folder.checkpoints]) {
    await mkdir(place, { recursive: true });
    for (const entry of await readdir(place)) {
      if (entry.endsWith(temporaryEnding)) await rm(join(place, entry), { force: true, recursive: true });
    }
  }
}

async function takenNumbers(out: string): Promise<readonly number[]> {
  return (await readdir(out)).map((entry) => Number(/^(\d{5,})(-|$)/.exec(entry)?.[1] ?? 0));
}

function unwritable(out: string, error: unknown): unknown {
  const reason = diskReason(error);
  if (reason === null) return error;
  return new UserError(`--out ${out}: cannot write there (${reason}); give another folder`);
}
