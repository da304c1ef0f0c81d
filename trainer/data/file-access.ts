// Reading what a user points at: failures become one line that names the path.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Stats } from 'node:fs';
import { UserError } from '../errors.ts';
import { largestImageBytes } from './image-file.ts';
import { BadImageError } from './source.ts';

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'no such file',
  ELOOP: 'a symbolic link that leads to itself',
  EIO: 'the disk reports a read error',
  EMFILE: 'too many open files',
  EISDIR: 'a folder, not a file',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a file stands in its place',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file size limit is reached',
  EROFS: 'the file system is read-only',
};

/** Why a file operation failed, in words. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return reasons[code] ?? (error instanceof Error ? error.message : String(error));
}

/** Facts about the file or folder at `path`; null where there is none. Throws UserError where it cannot be looked at. */
export async function lookAt(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
      return null;
    }
    throw new UserError(`data ${path}: cannot be read (${reasonOf(error)})`);
  }
}

/** The names in a folder, sorted. Throws UserError where it cannot be read. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    throw new UserError(`data ${folder}: the folder cannot be read (${reasonOf(error)})`);
  }
}

/** The bytes of one image file. Throws BadImageError where it cannot be read or is absurdly large. */
export async function readImageFile(folder: string, name: string, bytes: number): Promise<Uint8Array> {
  if (bytes > largestImageBytes) throw new BadImageError(`a file of ${Math.round(bytes / 2 ** 20)} MiB`);
  try {
    return await readFile(join(folder, name));
  } catch (error) {
    throw new BadImageError(reasonOf(error));
  }
}
