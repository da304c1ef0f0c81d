// Fingerprints that detect changed data: of the content for a file, of names, sizes and times for a folder. The times include that
// of the inode's change, which no program can set back: a file of the same size and date, but other content, is noticed.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Larger files are identified by size and times, because hashing their content would take more than 1 to 2 seconds. */
const hashedBytes = 2 ** 30;

/** A file in a folder: the input of {@link fingerprintOfFiles}. */
export interface FileStamp {
  /** Relative to the folder, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMs: number;
  /** Time of the last change of the content, the name or the permissions. */
  readonly changedMs: number;
}

/** 64 hexadecimal digits that depend on the files' names, sizes and times, not on the folder's path. */
export function fingerprintOfFiles(files: readonly FileStamp[]): string {
  const hash = createHash('sha256');
  for (const { path, bytes, modifiedMs, changedMs } of files) {
    hash.update(`${path}\0${bytes}\0${modifiedMs}\0${changedMs}\n`);
  }
  return hash.digest('hex');
}

/** 64 hexadecimal digits that depend on the files' content, or on size and times for files above 1 GiB. */
export async function fingerprintOfContent(paths: readonly string[], signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths) {
    const { size, mtimeMs, ctimeMs } = await stat(path);
    hash.update(`${size}\n`);
    if (size > hashedBytes) {
      hash.update(`${mtimeMs} ${ctimeMs}\n`);
      continue;
    }
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
      signal?.throwIfAborted();
      hash.update(chunk as Buffer);
    }
  }
  return hash.digest('hex');
}
