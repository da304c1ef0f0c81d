// Keeps a command's output from replacing a file of the user: only files that this program wrote are replaced.
import { readFile } from 'node:fs/promises';
import { UserError } from '../errors.ts';
import { isOwnFilm } from '../pictures/film.ts';
import { isOwnPng } from '../pictures/mark.ts';

/**
 * True if there is a file at `path` that this program wrote, and may replace. Throws UserError for one that it did not write; `shown`
 * is the path as it was given.
 */
export async function refuseOverwriting(path: string, shown: string): Promise<boolean> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    // Writing then says which part of the path is missing or is no folder.
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw new UserError(`--out ${shown}: cannot be replaced (${error.code}); give another --out`);
  });
  if (bytes === null) return false;
  if (isOwnPng(bytes) || isOwnFilm(bytes) || isOwnJson(bytes)) return true;
  throw new UserError(
    `--out ${shown}: there is such a file already, without this program's mark; move it, or give another --out`,
  );
}

/** True for the JSON of `walk` and `arithmetic`. */
function isOwnJson(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x7b) return false;
  try {
    const value = JSON.parse(Buffer.from(bytes).toString('utf8')) as object;
    return 'model' in value && ('walks' in value || 'nine' in value);
  } catch {
    return false;
  }
}
