// Translates file-system write errors (disk full, no permission, …) into user errors. A run stops at the first one, because later
// steps could not be saved either.
import { UserError } from '../errors.ts';

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file size limit is reached',
  EROFS: 'the file system has become read-only',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'a part of its path is a file',
  EEXIST: 'a file stands in its place',
  EISDIR: 'a folder stands in its place',
  EIO: 'the disk reports an error',
};

/** The reason of a file-system error in words; null for any other error. */
export function diskReason(error: unknown): string | null {
  const { code } = error as NodeJS.ErrnoException;
  return (code === undefined ? undefined : reasons[code]) ?? null;
}

/**
 * Runs `write`, which writes `what`. Throws UserError for a file-system error; `fallback` is called then and returns the end of the
 * message (`the last good checkpoint is …`). Rethrows other errors.
 */
export async function onDisk<T>(what: string, fallback: () => string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const reason = diskReason(error);
    if (reason === null) throw error;
    throw new UserError(`cannot write ${what}: ${reason}; ${fallback()}`);
  }
}
