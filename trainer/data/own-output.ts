// Recognises this program's own output among a user's images, by what only this program writes: run folders, model packages,
// findings, and marked pictures with a default name.
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMarked, markedBytes } from '../pictures/mark.ts';

/** Names of the pictures that commands write into the current folder by default. */
const defaultNames: ReadonlySet<string> = new Set(['samples.png', 'walk.png', 'arithmetic.png', 'reals.png']);

/** The kind of the folder with the entries `names`; null for a folder of the user. */
export async function ownFolder(
  folder: string,
  names: ReadonlySet<string>,
): Promise<'run' | 'model package' | null> {
  if (names.has('config.json') && names.has('checkpoints')) {
    if (await hasKeys(join(folder, 'config.json'), ['keepCheckpoints', 'sampleCount'])) return 'run';
  }
  if (names.has('model.json') && names.has('generator.onnx')) {
    if (await hasKeys(join(folder, 'model.json'), ['latent', 'files'])) return 'model package';
  }
  return null;
}

/**
 * The files and folders of the finding in a folder with the entries `names`; empty without a finding. Other files beside
 * `finding.json` are the user's.
 */
export async function findingParts(
  folder: string,
  names: ReadonlySet<string>,
): Promise<{ readonly files: ReadonlySet<string>; readonly folders: ReadonlySet<string> }> {
  const value = names.has('finding.json') ? await readObject(join(folder, 'finding.json')) : {};
  const { name, pictures } = value as { name?: unknown; pictures?: unknown };
  const listed = Array.isArray(pictures) ? (pictures as { file?: unknown }[]) : [];
  const files = listed.map((picture) => String(picture?.file));
  if (name === 'restore-between') files.push('between.webp');
  const inside = name === 'dedupe' ? ['images'] : String(name).startsWith('restore') ? ['restored'] : [];
  return { files: new Set(files), folders: new Set(inside) };
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

async function hasKeys(path: string, keys: readonly string[]): Promise<boolean> {
  const value = await readObject(path);
  return keys.every((key) => key in value);
}

/** The JSON object in a file; an empty one for any other file. */
async function readObject(path: string): Promise<object> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
