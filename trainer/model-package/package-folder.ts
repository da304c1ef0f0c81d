// Writes a model package's folder: an existing package is replaced as a whole; a folder with any other file never is.
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { buildFolder } from '../files/build-folder.ts';
import { parseContent } from './package-content.ts';

/** Name of the file that describes a package. */
export const modelFileName = 'model.json';

/**
 * Calls `build` with an empty folder beside `target`, renames that to `target`, and resolves to the result of `build`. If `build`
 * throws, nothing is left. `remedy` says what to do about a folder that is not replaced. Throws UserError, before `build` is called, if `target` holds anything but a package or cannot be
 * written.
 */
export function buildPackage<T>(
  target: string,
  build: (folder: string) => Promise<T>,
  remedy = 'export to another folder with export --out',
): Promise<T> {
  const place = resolve(target);
  return buildFolder(place, {
    what: `the model package ${place}`,
    remedy: () => `the existing folder is unchanged; ${remedy}`,
    check: () => checkReplaceable(place, remedy),
    build,
  });
}

/** Throws UserError unless `place` is missing, empty, or a package without foreign files. */
async function checkReplaceable(place: string, remedy: string): Promise<void> {
  const entries = await readdir(place).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (entries.length === 0) return;
  const refuse = (what: string): UserError =>
    new UserError(`${place}: ${what}, so it is left as it is; ${remedy}`);
  if (!entries.includes(modelFileName)) throw refuse('holds other files than a model package');
  const path = join(place, modelFileName);
  let known: readonly string[];
  try {
    const { files } = parseContent(JSON.parse(await readFile(path, 'utf8')), path);
    known = [modelFileName, ...files.map(({ file }) => file)];
  } catch (error) {
    throw refuse(`its ${modelFileName} cannot be read (${(error as Error).message})`);
  }
  const foreign = entries.find((entry) => !known.includes(entry));
  if (foreign !== undefined) throw refuse(`holds ${foreign}, which is no part of the package there`);
}
