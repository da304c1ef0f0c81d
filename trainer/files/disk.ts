// A disk that does not take what is written, full or not allowed. A run then stops at once, rather than compute
// on: no later step could be saved either, and whatever is written next would be torn.
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

/** Why the disk refused, in words; null for an error that is not the disk's. */
export function diskReason(error: unknown): string | null {
  const { code } = error as NodeJS.ErrnoException;
  return (code === undefined ? undefined : reasons[code]) ?? null;
}

/**
 * Runs `write`. Throws UserError where the disk does not take it; `fallback` says, at that time, what is safe
 * (`the last good checkpoint is …`). Other errors go on as they are.
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
