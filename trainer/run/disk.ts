// A full disk while a run is being written down. The run then stops at once, rather than compute on: no later
// step could be saved either, and whatever is written next would be torn. What was saved before is untouched.
import { UserError } from '../errors.ts';

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file size limit is reached',
  EROFS: 'the file system has become read-only',
  EACCES: 'permission denied',
  EIO: 'the disk reports an error',
};

/**
 * Runs `write`. Throws UserError where the disk does not take it; `fallback` says, at that time, what is safe
 * (`the last good checkpoint is …`). Other errors go on as they are.
 */
export async function onDisk<T>(what: string, fallback: () => string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === undefined ? undefined : reasons[code];
    if (reason === undefined) throw error;
    throw new UserError(`cannot write ${what}: ${reason}; ${fallback()}`);
  }
}
