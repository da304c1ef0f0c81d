// Tells whether data are still the data that were decoded: by content for a file, by names, sizes and times for a folder.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Above this many bytes a file is known by its size and time instead of its content: hashing would take longer than a second or two. */
const hashedBytes = 2 ** 30;

/** A file in a folder, as the fingerprint sees it. */
export interface FileStamp {
  /** Relative to the folder, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** 64 hexadecimal digits that change with any file's name, size or modification time. The folder itself may move. */
export function fingerprintOfFiles(files: readonly FileStamp[]): string {
  const hash = createHash('sha256');
  for (const { path, bytes, modifiedMs } of files) {
    hash.update(`${path}\0${bytes}\0${modifiedMs}\n`);
  }
  return hash.digest('hex');
}

/** 64 hexadecimal digits from the content of some files, in order; from size and time for one above 1 GiB. */
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
