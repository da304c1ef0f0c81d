// Plans a command's outputs: files by their ending, or a finding in a folder or in the model's run. Also formats paths and counts
// for messages.
import { stat } from 'node:fs/promises';
import { dirname, extname, relative, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { findingFolder } from '../run/save-finding.ts';
import { refuseOverwriting } from './refuse-overwriting.ts';

/** The files and the folder to write. */
export interface Outputs {
  /** Full paths, each with one of the endings that the command knows. */
  readonly files: readonly string[];
  /** The files that were there before and are replaced. */
  readonly replaced: readonly string[];
  /** The folder of the finding; null for none. */
  readonly folder: string | null;
}

/**
 * Plans the outputs: each `out` with an ending is a file, one without is the folder of the finding. By default the finding goes into
 * the run's `analysis/NAME`, or for a model outside a run the file `NAME.png` into the current folder. Throws UserError for other
 * endings, a second folder, folders that do not exist, and files that the command would replace though it did not write them.
 */
export async function planOutputs(given: {
  readonly cwd: string;
  /** The values of `--out`. */
  readonly out: readonly string[];
  /** Accepted endings, with the dot, in lower case. */
  readonly endings: readonly string[];
  /** The command's name. */
  readonly name: string;
  readonly modelFolder: string;
}): Promise<Outputs> {
  const { cwd, out, endings, name, modelFolder } = given;
  if (out.length === 0) {
    const folder = await findingFolder(modelFolder, name);
    if (folder !== null) return { files: [], replaced: [], folder };
    const file = resolve(cwd, `${name}.png`);
    const isReplaced = await refuseOverwriting(file, `${name}.png`);
    return { files: [file], replaced: isReplaced ? [file] : [], folder };
  }
  const files: string[] = [];
  const replaced: string[] = [];
  let folder: string | null = null;
  for (const text of out) {
    const path = resolve(cwd, text);
    const facts = await stat(path).catch(() => null);
    const ending = extname(path).toLowerCase();
    if (facts?.isDirectory() === true || ending === '') {
      if (folder !== null) throw new UserError(`--out ${text}: a second folder, expected one at most`);
      if (facts?.isDirectory() === false) throw new UserError(`--out ${text}: is a file, expected a folder`);
      folder = path;
      continue;
    }
    if (!endings.includes(ending)) {
      throw new UserError(`--out ${text}: expected a name that ends in ${endings.join(', ')}, or a folder`);
    }
    if ((await stat(dirname(path)).catch(() => null))?.isDirectory() !== true) {
      throw new UserError(`--out ${text}: its folder does not exist; make it, or give another --out`);
    }
    if (files.some((other) => other.toLowerCase() === path.toLowerCase())) {
      throw new UserError(`--out ${text}: is named twice; give each output a name of its own`);
    }
    if (await refuseOverwriting(path, text)) replaced.push(path);
    files.push(path);
  }
  return { files, replaced, folder };
}

/** The paths that were written, for a message: relative to `cwd`, and saying which were replaced. */
export function shownOutputs(cwd: string, { files, replaced, folder }: Outputs): string {
  const places = files.map((file) => shownPath(cwd, file) + (replaced.includes(file) ? ' (replaced)' : ''));
  return [...places, ...(folder === null ? [] : [shownPath(cwd, folder)])].join(', ');
}

/** A path for messages: relative to `cwd` if it is inside, else absolute. */
export function shownPath(cwd: string, path: string): string {
  const short = relative(cwd, path);
  return short === '' || short.startsWith('..') ? path : short;
}

/** `1 face`, `2 faces`; `plural` for nouns that take no s. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
