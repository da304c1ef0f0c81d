// Finds a binary data set in the folder in which its archive was unpacked.
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { lookAt, namesIn } from './file-access.ts';

/** The folders that the archives unpack to. */
const ownNames = ['cifar-10-batches-bin', 'cifar-100-binary', 'stl10_binary'];

/** The set's own folder inside `folder`; null if there is none. Throws UserError for more than one. */
export async function unpackedFolderIn(folder: string): Promise<string | null> {
  const found = (await namesIn(folder)).filter((name) => ownNames.includes(name));
  if (found.length > 1) {
    throw new UserError(
      `data ${folder}: holds several sets (${found.join(', ')}); give one of these folders`,
    );
  }
  if (found.length === 0) return null;
  const inside = join(folder, found[0]!);
  return (await lookAt(inside))?.isDirectory() === true ? inside : null;
}
