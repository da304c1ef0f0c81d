// A model's name in links into the demo: that in the site's list of models, or `dropped/NAME`, as for a model dropped onto the page.
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ModelPackage } from '../model-package/read-package.ts';

/** The package's name in the demo's URLs: that of its folder if `index.json` beside the folder lists it, else `dropped/NAME`. */
export async function pageName({ folder, model }: Pick<ModelPackage, 'folder' | 'model'>): Promise<string> {
  const name = basename(folder);
  try {
    const listed = JSON.parse(await readFile(join(dirname(folder), 'index.json'), 'utf8')) as unknown;
    const isListed = (entry: unknown): boolean => (entry as { name?: unknown } | null)?.name === name;
    if (Array.isArray(listed) && listed.some(isListed)) return name;
  } catch {
    // The folder is not a site's: it has no list.
  }
  return `dropped/${model.name}`;
}
