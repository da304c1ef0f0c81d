// The scripts that a page fetches, and their compressed size.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

/** The scripts of a folder. */
export function allScripts(folder: string): readonly string[] {
  return readdirSync(folder).filter((file) => file.endsWith('.js'));
}

/** The scripts that are fetched at once: `entries` and their static imports. Dynamic imports are fetched on first use. */
export function scriptsAtOnce(folder: string, entries: readonly string[]): readonly string[] {
  const found = new Set(entries);
  for (const file of found) {
    const text = readFileSync(join(folder, file), 'utf8');
    for (const [, other] of text.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) found.add(other!);
  }
  return [...found];
}

/** Total bytes of scripts, each compressed with brotli at its highest level. */
export function brotliBytes(folder: string, files: readonly string[]): number {
  return files.reduce((sum, file) => sum + brotliCompressSync(readFileSync(join(folder, file))).length, 0);
}
