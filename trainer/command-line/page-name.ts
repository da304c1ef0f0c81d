// What the demo calls a model in its links: the name in its site's list, or that of a model that has been dropped on it.
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ModelPackage } from '../model-package/read-package.ts';

/** The package's name in the demo's URLs: its folder's, where `index.json` beside the folder lists it. */
export async function pageName({ folder, model }: Pick<ModelPackage, 'folder' | 'model'>): Promise<string> {
  const name = basename(folder);
  try {
    const listed = JSON.parse(await readFile(join(dirname(folder), 'index.json'), 'utf8')) as unknown;
    const isListed = (entry: unknown): boolean => (entry as { name?: unknown } | null)?.name === name;
    if (Array.isArray(listed) && listed.some(isListed)) return name;
  } catch {
    // No site's list lies there.
  }
  return `dropped/${model.name}`;
}
