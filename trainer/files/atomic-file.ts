// Atomic file writes: a file is written under a temporary name, synced and renamed, and its folder is synced too, so that neither
// a kill nor a power cut leaves half a file under the real name.
import type { FileHandle } from 'node:fs/promises';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Ending of temporary names; files of a killed process are recognised by it. */
export const temporaryEnding = '.tmp';

/** Options of atomic writes. */
export interface AtomicOptions {
  /**
   * Whether the file is synced, so that it survives a power cut. Default true; false saves several ms a file where thousands are made
   * that can be made again: a kill leaves them whole, a power cut may leave empty ones.
   */
  readonly isSynced?: boolean;
}

/** Writes bytes, or text as UTF-8, with {@link writeAtomically}: on failure the previous file stays. */
export function writeFileAtomically(
  path: string,
  content: Uint8Array | string,
  options?: AtomicOptions,
): Promise<void> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return writeAtomically(path, (file) => writeFully(file, bytes), options);
}

/**
 * Writes `path` in pieces: `write` is called with the open file. If anything fails, the temporary file is removed, the file that
 * was at `path` before stays, and the error is rethrown.
 */
export async function writeAtomically(
  path: string,
  write: (file: FileHandle) => Promise<void>,
  { isSynced = true }: AtomicOptions = {},
): Promise<void> {
  const temporary = `${path}.${process.pid}${temporaryEnding}`;
  try {
    const file = await open(temporary, 'w');
    try {
      await write(file);
      if (isSynced) await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    // A disk that refuses this too must not hide the reason.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  if (isSynced) await syncFolder(dirname(path));
}

/** Makes a rename in the folder durable. Windows cannot open folders; there the file system does it. */
async function syncFolder(folder: string): Promise<void> {
  try {
    await using handle = await open(folder, 'r');
    await handle.sync();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EISDIR' && code !== 'EPERM' && code !== 'EINVAL') throw error;
  }
}

/** Writes all of `bytes` at the file's position; a single write call may take only a part. */
export async function writeFully(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, Math.min(bytes.length - done, 1 << 30));
    done += bytesWritten;
  }
}
