// A folder of single images with their `dataset.json`. Images that were made in the same way are kept, those of another model or other
// settings are replaced, and a folder with anything else in it is refused.
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import { labelsName } from '../../data/folder-layout.ts';
import { temporaryEnding, writeFileAtomically } from '../../files/atomic-file.ts';
import { onDisk } from '../../files/disk.ts';
import type { Job } from '../../job.ts';
import { isOwnPng, markedBytes } from '../../pictures/mark.ts';
import { datasetJson, isSame, madeByOf, type MadeBy } from './dataset-json.ts';
import { sampledPngs, type SampledImages } from './sampled-images.ts';

const imageFile = /^\d{7,}\.png$/;
/** The remains of a killed call. */
const leftover = new RegExp(`^(\\d{7,}\\.png|${labelsName})\\.\\d+\\${temporaryEnding}$`);

/** The images of a folder that {@link writeImageFolder} wrote. */
export interface EarlierImages {
  readonly madeBy: MadeBy;
  /** Names of the images. */
  readonly names: readonly string[];
}

/** The result of {@link writeImageFolder}, in numbers of images. */
export interface FolderResult {
  /** Images in the folder now. */
  readonly all: number;
  /** Wanted images that were there already. */
  readonly kept: number;
  /** Images of other settings that were removed. */
  readonly replaced: number;
}

/**
 * Looks at the folder of `--out` before anything is generated; null for one that is new or empty. Throws UserError for a file, and for a
 * folder with anything that this command did not write. Hidden files do not count.
 */
export async function lookAtFolder(folder: string, shown: string): Promise<EarlierImages | null> {
  const refuse = (why: string): UserError =>
    new UserError(`--out ${shown}: ${why}; give a folder that is new, empty or of an earlier sample`);
  const all = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    if (error.code === 'ENOTDIR') throw refuse('is a file, expected a folder');
    throw refuse(`cannot be read (${error.code})`);
  });
  const entries = all.filter((name) => !name.startsWith('.') && !leftover.test(name));
  if (entries.length === 0) return null;
  const madeBy = madeByOf(await readFile(join(folder, labelsName), 'utf8').catch(() => ''));
  const names: string[] = [];
  for (const name of entries) {
    if (madeBy !== null && name === labelsName) continue;
    const bytes = madeBy !== null && imageFile.test(name) ? await firstBytes(join(folder, name)) : null;
    // A power cut may leave a file empty, which is made again.
    if (bytes?.length === 0) continue;
    if (bytes === null || !isOwnPng(bytes)) throw refuse(`holds ${name}, which sample did not write`);
    names.push(name);
  }
  return madeBy && { madeBy, names };
}

/** The part of a file that may have the mark; null if it cannot be read. */
async function firstBytes(path: string): Promise<Uint8Array | null> {
  await using file = await open(path).catch(() => null);
  const bytes = new Uint8Array(markedBytes + 2);
  const found = await file?.read(bytes, 0, bytes.length, 0).catch(() => null);
  return found == null ? null : bytes.subarray(0, found.bytesRead);
}

/**
 * Writes the images, each under a temporary name first, and the `dataset.json` of all that the folder has then. When it is stopped, the
 * images that are there stay, and the same call makes the rest. Throws UserError if the folder cannot be written, the signal's reason
 * when aborted.
 */
export async function writeImageFolder(
  folder: string,
  sampled: SampledImages,
  earlier: EarlierImages | null,
  job: Job,
): Promise<FolderResult> {
  const { opened, images, madeBy } = sampled;
  const names = earlier?.names ?? [];
  const [first = ''] = images.keys();
  const isContinued =
    earlier !== null && isSame(earlier.madeBy, madeBy) && names.every((name) => name.length === first.length);
  const present = new Map(isContinued ? names.map((name) => [name, Number.parseInt(name, 10)]) : []);
  const missing = new Map([...images].filter(([name]) => !present.has(name)));
  const kept = images.size - missing.size;
  const writeLabels = (of: ReadonlyMap<string, number>): Promise<void> => {
    const sorted = new Map([...of].sort(([, a], [, b]) => a - b));
    return writeFileAtomically(join(folder, labelsName), datasetJson(opened.model, sorted, madeBy));
  };
  const fallback = (): string => `${present.size} images are in it; free some space, or give another --out`;
  await onDisk(folder, fallback, async () => {
    await mkdir(folder, { recursive: true });
    const unwanted = isContinued ? [] : names;
    const leftovers = (await readdir(folder)).filter((name) => leftover.test(name));
    for (const name of [...unwanted, ...leftovers]) await rm(join(folder, name), { force: true });
    await writeLabels(new Map([...present, ...missing]));
    try {
      for await (const { name, png } of sampledPngs(sampled, missing, job)) {
        await writeFileAtomically(join(folder, name), png, { isSynced: false });
        present.set(name, images.get(name)!);
      }
    } catch (error) {
      // A full disk must not hide the first error; labels of images that are missing do no harm.
      await writeLabels(present).catch(() => undefined);
      if (job.signal.aborted) {
        const there = [...images.keys()].filter((name) => present.has(name)).length;
        job.warn(
          `stopped: ${there} of ${images.size} images are in ${folder}; the same command makes the rest`,
        );
      }
      throw error;
    }
  });
  return { all: present.size, kept, replaced: isContinued ? 0 : names.length };
}
