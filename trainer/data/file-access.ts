// Reads files and folders that the user names; failures become errors of one line with the path.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Stats } from 'node:fs';
import { UserError } from '../errors.ts';
import { readRegular } from '../files/regular-file.ts';
import { maxImageBytes } from './image-file.ts';
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

/** The reason why a file operation failed, in words. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return reasons[code] ?? (error instanceof Error ? error.message : String(error));
}

/** `stat` of a file or folder; null if it does not exist. Throws UserError for other failures, such as missing permission. */
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

/** The sorted names in a folder. Throws UserError if it cannot be read. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    throw new UserError(`data ${folder}: the folder cannot be read (${reasonOf(error)})`);
  }
}

/** The bytes of an image file of `bytes` bytes. Throws BadImageError if it cannot be read or is larger than 256 MiB. */
export async function readImageFile(folder: string, name: string, bytes: number): Promise<Uint8Array> {
  if (bytes > maxImageBytes) throw new BadImageError(`a file of ${Math.round(bytes / 2 ** 20)} MiB`);
  try {
    return await readRegular(join(folder, name), maxImageBytes);
  } catch (error) {
    throw new BadImageError(reasonOf(error));
  }
}
