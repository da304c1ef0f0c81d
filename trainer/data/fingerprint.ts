// Fingerprints that detect changed data: of the content for a file, of names, sizes and times for a folder.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Larger files are identified by size and time, because hashing their content would take more than 1 to 2 seconds. */
const hashedBytes = 2 ** 30;

/** A file in a folder: the input of {@link fingerprintOfFiles}. */
export interface FileStamp {
  /** Relative to the folder, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** 64 hexadecimal digits that depend on the files' names, sizes and modification times, not on the folder's path. */
export function fingerprintOfFiles(files: readonly FileStamp[]): string {
  const hash = createHash('sha256');
  for (const { path, bytes, modifiedMs } of files) {
    hash.update(`${path}\0${bytes}\0${modifiedMs}\n`);
  }
  return hash.digest('hex');
}

/** 64 hexadecimal digits that depend on the files' content, or on size and time for files above 1 GiB. */
export async function fingerprintOfContent(paths: readonly string[], signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths) {
    const { size, mtimeMs } = await stat(path);
    hash.update(`${size}\n`);
    if (size > hashedBytes) {
      hash.update(`${mtimeMs}\n`);
      continue;
    }
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
      signal?.throwIfAborted();
      hash.update(chunk as Buffer);
    }
  }
  return hash.digest('hex');
}
