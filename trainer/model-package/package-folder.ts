// Writes a model package's folder atomically: builds it under a temporary name beside its target, then renames it. An existing package
// is replaced only then; a folder with any other file is never replaced.
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { temporaryEnding } from '../files/atomic-file.ts';
import { onDisk } from '../files/disk.ts';
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
  const temporary = `${place}.${process.pid}${temporaryEnding}`;
  const aside = `${place}.${process.pid}.old${temporaryEnding}`;
  const untouched = (): string => `the existing folder is unchanged; ${remedy}`;
  return onDisk(`the model package ${place}`, untouched, async () => {
    await checkReplaceable(place, remedy);
    try {
      await rm(temporary, { recursive: true, force: true });
      await mkdir(temporary, { recursive: true });
      const result = await build(temporary);
      const isReplacing = await renameIfThere(place, aside);
      try {
        await rename(temporary, place);
      } catch (error) {
        if (isReplacing) await rename(aside, place);
        throw error;
      }
      await rm(aside, { recursive: true, force: true });
      return result;
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
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

/** Renames `from` to `to`; resolves to whether `from` existed. */
async function renameIfThere(from: string, to: string): Promise<boolean> {
  try {
    await rm(to, { recursive: true, force: true });
    await rename(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
