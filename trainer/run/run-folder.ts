// The numbered folder of a run, recognised by its `config.json`. A run claims its number by creating a folder called by the number
// alone. Only one process can succeed, so runs that start together get different numbers.
import { access, constants, mkdir, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { TrainConfig } from '../config/fields.ts';
import { noData } from '../data/no-data.ts';
import { UserError } from '../errors.ts';
import { resolveOverDefault } from '../config/presets.ts';
import { temporaryEnding, writeFileAtomically } from '../files/atomic-file.ts';
import { diskReason } from '../files/disk.ts';
import { isProcess } from '../files/lock.ts';
import { modelWithoutRun } from './model-without-run.ts';

/** The absolute paths of a run's folder and its parts. */
export interface RunFolder {
  readonly path: string;
  readonly config: string;
  /** The settings that a resumed run has changed; only if there are any. */
  readonly history: string;
  /** Start, engine, commands and end of each session. */
  readonly sessions: string;
  readonly stats: string;
  readonly samples: string;
  readonly checkpoints: string;
  /** The checkpoint with the best evaluation, among the others; only if there are evaluations. */
  readonly best: string;
  readonly report: string;
  /** Real images, as training sees them. */
  readonly reals: string;
  /** The images that could not be read, one a line; only if there are any. */
  readonly unreadable: string;
  /** Findings of analysis commands, one folder for each command. */
  readonly analysis: string;
  /** Event files of TensorBoard; only on request. */
  readonly tensorboard: string;
  readonly model: string;
  readonly lock: string;
}

/** The paths of the run folder at `path`; reads and writes nothing. */
export function runFolderAt(path: string): RunFolder {
  const root = resolve(path);
  return {
    path: root,
    config: join(root, 'config.json'),
    history: join(root, 'config-history.jsonl'),
    sessions: join(root, 'sessions.jsonl'),
    stats: join(root, 'stats.jsonl'),
    samples: join(root, 'samples'),
    checkpoints: join(root, 'checkpoints'),
    best: join(root, 'checkpoints', 'best.safetensors'),
    report: join(root, 'report.html'),
    reals: join(root, 'reals.png'),
    unreadable: join(root, 'unreadable.txt'),
    analysis: join(root, 'analysis'),
    tensorboard: join(root, 'tensorboard'),
    model: join(root, 'model'),
    lock: join(root, 'lock'),
  };
}

/**
 * Creates `out/00007-NAME/` with the next free number, and the folders in it. Throws UserError if `out` is no folder or cannot be
 * written to.
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
      // Another run may have claimed and renamed this number between the listing and this claim.
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
 * Throws UserError if `out`, or its nearest existing parent folder, cannot be written to. Called before the data are read, so that
 * the error comes at once.
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
 * Opens the run folder at `path` with its configuration. Throws UserError if it is no run folder; for a folder of runs the message
 * names the newest run.
 */
export async function openRunFolder(
  path: string,
): Promise<{ readonly folder: RunFolder; readonly config: TrainConfig }> {
  const folder = runFolderAt(path);
  let text: string;
  try {
    text = await readFile(folder.config, 'utf8');
  } catch {
    const model = await modelWithoutRun(path);
    if (model !== null) throw new UserError(`${path}: ${model}`);
    const inside = (await readdir(path).catch(() => [])).filter((entry) => /^\d{5,}-/.test(entry));
    // By number: the name of run 100000 sorts before that of 99999.
    const newest = inside.sort((a, b) => parseInt(a) - parseInt(b)).at(-1);
    const hint =
      newest === undefined ? 'give a folder that training has made' : `did you mean ${join(path, newest)}?`;
    throw new UserError(`${path}: not a run folder (no config.json in it); ${hint}`);
  }
  const values = parseRecord(text, folder.config);
  return {
    folder,
    config: resolveOverDefault([{ source: folder.config, values: withOwnData(values, folder) }]),
  };
}

/** A run that a page has trained brings its images: `data` is a folder in it, where the trainer itself writes whole paths. */
function withOwnData(
  values: Readonly<Record<string, unknown>>,
  { path }: RunFolder,
): Record<string, unknown> {
  const { data } = values;
  const isOwn = typeof data === 'string' && data !== 'avatars' && data !== noData && !isAbsolute(data);
  return { ...values, ...(isOwn && { data: join(path, data) }) };
}

/** Parses the JSON object in the text of the file `path`. Throws UserError, naming the file, for any other text. */
export function parseRecord(text: string, path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // The message quotes the text with its line ends.
    throw new UserError(`${path}: not JSON (${(error as Error).message.replaceAll(/\s+/g, ' ')})`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UserError(`${path}: expected a JSON object of configuration keys`);
  }
  return value as Record<string, unknown>;
}

/** The content of `config.json`: the complete configuration, with which `--config` repeats the run. */
export function configText(config: TrainConfig): string {
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** Writes `config.json`. */
export async function writeConfig(folder: RunFolder, config: TrainConfig): Promise<void> {
  await writeFileAtomically(folder.config, configText(config));
}

/** A temporary file unchanged for this long was left by a dead process, whose number another has now. */
const abandonedMs = 60 * 60 * 1000;

/** Removes temporary files of killed processes, not those of an export that is at work. Call with the lock held. */
export async function removeLeftovers(folder: RunFolder): Promise<void> {
  for (const place of [folder.path, folder.samples, folder.checkpoints]) {
    await mkdir(place, { recursive: true });
    for (const entry of await readdir(place)) {
      if (!entry.endsWith(temporaryEnding)) continue;
      // An export works without the lock, beside the run's model.
      if (place === folder.path && (await isInUse(join(place, entry)))) continue;
      await rm(join(place, entry), { force: true, recursive: true });
    }
  }
}

/** True if a temporary folder, `model.PROCESS.tmp` or `model.PROCESS.old.tmp`, is that of a living process's export. */
async function isInUse(path: string): Promise<boolean> {
  const owner = Number(/\.(\d+)(\.[a-z]+)?\.tmp$/.exec(path)?.[1] ?? 0);
  if (owner < 1 || owner === process.pid || !isProcess(owner)) return false;
  const facts = await stat(path).catch(() => null);
  return facts?.isDirectory() === true && Date.now() - facts.mtimeMs < abandonedMs;
}

async function takenNumbers(out: string): Promise<readonly number[]> {
  return (await readdir(out)).map((entry) => Number(/^(\d{5,})(-|$)/.exec(entry)?.[1] ?? 0));
}

function unwritable(out: string, error: unknown): unknown {
  const reason = diskReason(error);
  if (reason === null) return error;
  return new UserError(`--out ${out}: cannot write there (${reason}); give another folder`);
}
