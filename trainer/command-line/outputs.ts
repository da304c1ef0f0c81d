// Where a command's pictures go: into the files that are named, or as a finding into a folder or into the run that the model is of.
import { stat } from 'node:fs/promises';
import { dirname, extname, relative, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { findingFolder } from '../run/save-finding.ts';

/** What will be written. */
export interface Outputs {
  /** Full paths, each with one of the endings that the command knows. */
  readonly files: readonly string[];
  /** The folder of the finding; null for none. */
  readonly folder: string | null;
}

/**
 * Where to write: each of `out` is a file by its ending, or else the folder for the finding. Where nothing is named it is
 * the run's `analysis/NAME`, or the file `NAME.png` here for a model that is in no run. Throws UserError for other endings, two
 * folders, and places that are not there.
 */
export async function planOutputs(given: {
  readonly cwd: string;
  readonly out: readonly string[] | undefined;
  /** With the dot, in lower case. */
  readonly endings: readonly string[];
  /** The command's. */
  readonly name: string;
  readonly modelFolder: string;
}): Promise<Outputs> {
  const { cwd, out = [], endings, name, modelFolder } = given;
  if (out.length === 0) {
    const folder = await findingFolder(modelFolder, name);
    return folder === null ? { files: [resolve(cwd, `${name}.png`)], folder } : { files: [], folder };
  }
  const files: string[] = [];
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
    files.push(path);
  }
  return { files, folder };
}

/** A path as people read it: from here, or the full one where it is elsewhere. */
export function shownPath(cwd: string, path: string): string {
  const short = relative(cwd, path);
  return short.startsWith('..') ? path : short;
}

/** For commander: an option that may be given several times; undefined where it is not. */
export const several = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];
