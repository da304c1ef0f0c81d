// The short name of a set of images, as run folders and caches carry it.
import { basename, dirname, resolve } from 'node:path';

/** `Fashion MNIST.zip` → `fashion-mnist`: lower case letters, digits and hyphens, at most 40; `images` if none is left. */
export function slug(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/\.(zip|gz|bin)$/, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '');
  return name === '' ? 'images' : name;
}

/** The name of the folder or file at `path`. */
export function nameOfPath(path: string): string {
  return slug(basename(resolve(path)));
}

/** The name of the folder that holds `path`. */
export function nameOfParent(path: string): string {
  return slug(basename(dirname(resolve(path))));
}
