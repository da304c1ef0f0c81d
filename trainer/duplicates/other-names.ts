// Finds the files that can be moved out of a folder without breaking another name in it: a link, or a link's target, stays.
import { lstat, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Selects the files of `names` in `folder` that are no links, do not lie behind one, and have no other name in the folder, by a
 * link (hidden ones included) or a hard link. Throws the signal's reason when aborted.
 */
export async function withoutOtherNames(
  folder: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (names.length === 0) return [];
  const root = await realpath(folder);
  const { targets, inodes } = await otherNames(root, signal);
  const movable: string[] = [];
  for (const name of names) {
    signal.throwIfAborted();
    const path = join(root, name);
    const real = await realpath(path).catch(() => null);
    const facts = await lstat(path).catch(() => null);
    if (real !== path || facts === null || targets.has(path)) continue;
    if (facts.nlink > 1 && (inodes.get(`${facts.dev} ${facts.ino}`) ?? 0) > 1) continue;
    movable.push(name);
  }
  return movable;
}

/** The real paths that links in the folder lead to, and the number of names of each file with hard links. */
async function otherNames(
  root: string,
  signal: AbortSignal,
): Promise<{ targets: ReadonlySet<string>; inodes: ReadonlyMap<string, number> }> {
  const targets = new Set<string>();
  const inodes = new Map<string, number>();
  const pending = [root];
  for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
    for (const entry of await readdir(place, { withFileTypes: true }).catch(() => [])) {
      signal.throwIfAborted();
      const path = join(place, entry.name);
      if (entry.isDirectory()) pending.push(path);
      else if (entry.isSymbolicLink()) {
        const real = await realpath(path).catch(() => null);
        if (real !== null) targets.add(real);
      } else {
        const facts = await lstat(path).catch(() => null);
        if (facts === null || facts.nlink < 2) continue;
        const key = `${facts.dev} ${facts.ino}`;
        inodes.set(key, (inodes.get(key) ?? 0) + 1);
      }
    }
  }
  return { targets, inodes };
}
