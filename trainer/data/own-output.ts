// Recognises this program's own output among a user's images, by what only this program writes: run folders, model packages,
// findings, and marked pictures with a default name.
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMarked, markedBytes } from '../pictures/mark.ts';

/** Names of the pictures that commands write into the current folder by default. */
const defaultNames: ReadonlySet<string> = new Set(['samples.png', 'walk.png', 'arithmetic.png']);

/** Kind of a folder that this program wrote. */
export type OwnFolder = 'run' | 'model package' | 'finding';

/** The kind of the folder with the entries `names`; null for a folder of the user. */
export async function ownFolder(folder: string, names: ReadonlySet<string>): Promise<OwnFolder | null> {
  if (names.has('config.json') && names.has('checkpoints')) {
    if (await hasKeys(join(folder, 'config.json'), ['keepCheckpoints', 'sampleCount'])) return 'run';
  }
  if (names.has('model.json') && names.has('generator.onnx')) {
    if (await hasKeys(join(folder, 'model.json'), ['latent', 'files'])) return 'model package';
  }
  if (names.has('finding.json')) {
    if (await hasKeys(join(folder, 'finding.json'), ['title', 'summary', 'pictures'])) return 'finding';
  }
  return null;
}

/** True for a picture with one of the default names and this program's mark; a user's own file of that name is data. */
export async function isOwnPicture(folder: string, name: string): Promise<boolean> {
  if (!defaultNames.has(name)) return false;
  try {
    await using file = await open(join(folder, name));
    const bytes = new Uint8Array(markedBytes);
    await file.read(bytes, 0, markedBytes, 0);
    return isMarked(bytes);
  } catch {
    return false;
  }
}

/** True if a file is a JSON object with all of the keys. */
async function hasKeys(path: string, keys: readonly string[]): Promise<boolean> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof value === 'object' && value !== null && keys.every((key) => key in value);
  } catch {
    return false;
  }
}
