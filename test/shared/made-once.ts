// Folders that take seconds to make and that several suites need: the first suite of a test run makes them.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';

/**
 * Named by the built program's hash, so that nothing made by another build is used; building the tests removes all of them.
 * Chunks of the bundle have their hash in their names, and so in this file.
 */
const root = resolve(
  'dist/test/made',
  createHash('sha256').update(readFileSync('dist/trainer/cli.js')).digest('hex').slice(0, 16),
);

/**
 * The folder that `make` fills, made unless another suite has. Two suites that ask at the same time both make it, and one
 * result is kept. Suites must not change it.
 */
export async function madeOnce(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(root, name);
  if (existsSync(folder)) return folder;
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  await make(draft);
  try {
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}
