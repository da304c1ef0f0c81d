// Writes a folder atomically: it is built under a temporary name beside its target, then renamed. What was there before is replaced only
// then.
import { mkdir, rename, rm } from 'node:fs/promises';
import process from 'node:process';
import { temporaryEnding } from './atomic-file.ts';
import { onDisk } from './disk.ts';

/** The ways of one kind of folder. */
export interface FolderKind<T> {
  /** The folder in messages: `the model package /models/flowers`. */
  readonly what: string;
  /** The end of a message about a disk that cannot be written. */
  readonly remedy: () => string;
  /** Throws UserError for a target that must not be replaced. */
  readonly check: () => Promise<void>;
  /** Fills an empty folder. */
  readonly build: (folder: string) => Promise<T>;
}

/**
 * Checks the target `place`, a whole path, builds the folder and puts it there. Resolves to the result of `build`. If anything throws, the
 * target is unchanged and nothing else is left. Throws UserError if the disk refuses.
 */
export function buildFolder<T>(place: string, { what, remedy, check, build }: FolderKind<T>): Promise<T> {
  const temporary = `${place}.${process.pid}${temporaryEnding}`;
  const aside = `${place}.${process.pid}.old${temporaryEnding}`;
  return onDisk(what, remedy, async () => {
    await check();
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
