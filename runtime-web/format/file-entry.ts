// Checks the entry of a file in a table: its name, size and hash.
import { isMatch, isObject, isWhole, type Check } from './fields.ts';
import type { ModelFile } from './model.ts';

/** A hash in hexadecimal. */
export const isSha256 = isMatch(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits');

/** A file name that is valid on every system and in every URL. */
const isFileName = isMatch(
  /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/,
  'a plain file name (letters, digits, ".", "_", "-")',
);

/** A file whose name passes a check. */
export function isFileCalled(isName: Check<string>): Check<ModelFile> {
  return isObject((file) => ({
    file: file.get('file', isName),
    bytes: file.get('bytes', isWhole(1)),
    sha256: file.get('sha256', isSha256),
  }));
}

/** A file beside the table. */
export const isFile = isFileCalled(isFileName);
