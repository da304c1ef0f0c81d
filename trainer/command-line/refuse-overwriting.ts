// Keeps a command's output from replacing a file of the user: only files that this program wrote are replaced.
import { open } from 'node:fs/promises';
import { UserError } from '../errors.ts';
import { isOwnFilm } from '../pictures/film.ts';
import { isOwnPng, isOwnZip, markedBytes } from '../pictures/mark.ts';

/** Number of bytes at a file's start and end that may hold a mark. */
const endBytes = markedBytes + 2;

/**
 * True if there is a file at `path` that this program wrote, and may replace. Throws UserError for one that it did not write; `shown`
 * is the path as it was given.
 */
export async function refuseOverwriting(path: string, shown: string): Promise<boolean> {
  const isOwn = await examine(path).catch((error: NodeJS.ErrnoException) => {
    // Writing then says which part of the path is missing or is no folder.
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw new UserError(`--out ${shown}: cannot be replaced (${error.code}); give another --out`);
  });
  if (isOwn !== false) return isOwn === true;
  throw new UserError(
    `--out ${shown}: there is such a file already, without this program's mark; move it, or give another --out`,
  );
}

/** True for a file with one of this program's marks; reads its ends, and only JSON as a whole. */
async function examine(path: string): Promise<boolean> {
  await using file = await open(path);
  const { size } = await file.stat();
  const [start, end] = [Buffer.alloc(endBytes), Buffer.alloc(Math.min(size, endBytes))];
  await file.read(start, 0, endBytes, 0);
  await file.read(end, 0, end.length, size - end.length);
  return (
    isOwnPng(start) ||
    isOwnFilm(end) ||
    isOwnZip(end) ||
    (start[0] === 0x7b && isOwnJson(await file.readFile()))
  );
}

/** True for the JSON of `walk` and `arithmetic`. */
function isOwnJson(bytes: Uint8Array): boolean {
  try {
    const value = JSON.parse(Buffer.from(bytes).toString('utf8')) as object;
    return 'model' in value && ('walks' in value || 'nine' in value);
  } catch {
    return false;
  }
}
