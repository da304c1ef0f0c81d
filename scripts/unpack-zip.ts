// Unpacks a zip that a page has made, for measuring and testing what is in it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { eachEntry, nameOf, openArchive, readEntry } from '../trainer/data/zip-archive.ts';

/** Writes the files of the zip at `path` into `folder`; resolves to their names. */
export async function unpackZip(path: string, folder: string): Promise<readonly string[]> {
  const archive = await openArchive(path, path);
  const entries: Parameters<Parameters<typeof eachEntry>[1]>[0][] = [];
  await eachEntry(archive, (entry) => void entries.push(entry));
  for (const entry of entries) {
    const to = join(folder, nameOf(entry));
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, await readEntry(archive, entry));
  }
  archive.zip.close();
  return entries.map(nameOf);
}
