// Short names of data sets, for run folders and cache files.
import { basename, dirname, resolve } from 'node:path';

/**
 * `Fashion MNIST.zip` → `fashion-mnist`: at most 40 lower case letters, digits and hyphens; `images` if none is left, and
 * `avatars-images` for `avatars`, which is the name of the built-in set alone.
 */
export function slug(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/\.(zip|gz|bin)$/, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '');
  if (name === '') return 'images';
  return name === 'avatars' ? 'avatars-images' : name;
}

/** {@link slug} of the folder or file at `path`. */
export function nameOfPath(path: string): string {
  return slug(basename(resolve(path)));
}

/** {@link slug} of the folder that contains `path`. */
export function nameOfParent(path: string): string {
  return slug(basename(dirname(resolve(path))));
}
