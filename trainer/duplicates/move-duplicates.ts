// Moves duplicates from a folder to another one, under the same relative paths. Nothing is deleted or overwritten, and moving the
// files back undoes it.
import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { reasonOf } from '../data/file-access.ts';
import { UserError } from '../errors.ts';

/**
 * Throws UserError if files cannot be moved: `to` is inside `from`, or one of the files exists in `to` already.
 */
export async function checkMove(from: string, to: string, names: readonly string[]): Promise<void> {
  const inside = relative(resolve(from), resolve(to));
  if (!inside.startsWith('..') && inside !== resolve(to)) {
    throw new UserError(
      `--out: ${to} is inside ${from}, where the pictures would be found again; expected a folder elsewhere`,
    );
  }
  for (const name of names) {
    if ((await lstat(join(to, name)).catch(() => null)) !== null) {
      throw new UserError(
        `--remove: ${join(to, name)} is there already; move it elsewhere, or give another --out`,
      );
    }
  }
}

/**
 * Moves files from one folder to another. Throws UserError, with the number moved so far, at the first file that cannot be
 * moved; throws the signal's reason when aborted. Files moved so far stay moved.
 */
export async function moveFiles(
  from: string,
  to: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (const [moved, name] of names.entries()) {
    try {
      signal.throwIfAborted();
      await mkdir(dirname(join(to, name)), { recursive: true });
      await moveFile(join(from, name), join(to, name));
    } catch (error) {
      if (signal.aborted) throw error;
      throw new UserError(
        `${join(from, name)}: cannot be moved to ${to} (${reasonOf(error)}); ${moved} of ${names.length} have been, the others are where they were`,
      );
    }
  }
}

async function moveFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    // Files cannot be moved to another disk, so they are copied first.
    if (!(error instanceof Error && 'code' in error && error.code === 'EXDEV')) throw error;
    await copyFile(from, to, constants.COPYFILE_EXCL);
    await rm(from);
  }
}
