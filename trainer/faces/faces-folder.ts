// The output folder of faces: new, empty, or from an earlier run with the same photos and settings, which is then resumed.
// Anything else is refused before the first photo is opened, so that no other files are mixed in or overwritten.
import { mkdir, readdir, realpath, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { UserError } from '../errors.ts';
import { reasonOf } from '../data/file-access.ts';
import { temporaryEnding } from '../files/atomic-file.ts';
import { onDisk } from '../files/disk.ts';
import { lockRun, type RunLock } from '../files/lock.ts';
import { detectorName } from './detector-network.ts';
import { readFaceList, writeFaceList, type FaceList, type FaceSettings } from './face-list.ts';

const lockFile = 'lock';

/** The folder, locked by this process. */
export interface FacesFolder {
  readonly path: string;
  /** The list of an earlier run, or an empty one. */
  readonly list: FaceList;
  /** True if there was an earlier run. */
  readonly isResumed: boolean;
  close(): void;
}

/**
 * Creates or opens the folder `out` for faces from `photos`. Throws UserError if it contains anything else, was made with
 * other settings, is in use, is inside `photos`, or cannot be written.
 */
export async function openFacesFolder(
  out: string,
  photos: string,
  settings: FaceSettings,
): Promise<FacesFolder> {
  await refuseInside(out, photos);
  const folder = (relative(out, photos) || '.').split(sep).join('/');
  const fresh: FaceList = { detector: detectorName, folder, settings, photos: [], faces: [] };
  const earlier = await readFaceList(out);
  if (earlier === null) await refuseForeign(out);
  else refuseOther(out, earlier, fresh);
  return onDisk(
    out,
    () => 'give another --out',
    async () => {
      await mkdir(out, { recursive: true });
      const lock: RunLock = lockRun(join(out, lockFile), 'another process looks for faces into this folder');
      try {
        if (earlier === null) await writeFaceList(out, fresh);
        await removeTemporaries(out);
        return {
          path: out,
          list: earlier ?? fresh,
          isResumed: earlier !== null,
          close: () => lock.release(),
        };
      } catch (error) {
        lock.release();
        throw error;
      }
    },
  );
}

/** Throws if `out` is inside the folder of photos, because crops would be processed as photos in the next run. */
async function refuseInside(out: string, photos: string): Promise<void> {
  let ancestor = resolve(out);
  let rest = '';
  let real: string | null = null;
  while (real === null) {
    real = await realpath(ancestor).catch(() => null);
    if (real !== null || dirname(ancestor) === ancestor) break;
    rest = join(relative(dirname(ancestor), ancestor), rest);
    ancestor = dirname(ancestor);
  }
  const path = join(real ?? ancestor, rest);
  const inside = relative(await realpath(photos), path);
  if (inside === '' || !(inside.startsWith('..') || resolve(inside) === inside)) {
    throw new UserError(`--out ${out}: lies in the folder of photos; its pictures would be taken for photos`);
  }
}

/** Throws if a folder without a list contains other than hidden files, which some systems create in every folder. */
async function refuseForeign(out: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(out);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    if (code === 'ENOTDIR') throw new UserError(`--out ${out}: is a file; expected a folder`);
    throw new UserError(`--out ${out}: cannot be read (${reasonOf(error)})`);
  }
  const foreign = names.filter((name) => !name.startsWith('.'));
  if (foreign.length > 0) {
    throw new UserError(
      `--out ${out}: holds other files (${foreign.slice(0, 3).join(', ')}); expected a new or empty folder, or one of faces`,
    );
  }
}

/** Throws if the earlier run had other photos, another detector or other settings. */
function refuseOther(out: string, earlier: FaceList, fresh: FaceList): void {
  if (earlier.folder !== fresh.folder) {
    throw new UserError(
      `--out ${out}: holds faces of other photos (${join(out, earlier.folder)}); give another --out`,
    );
  }
  if (earlier.detector !== fresh.detector) {
    throw new UserError(`--out ${out}: made with ${earlier.detector}; give another --out`);
  }
  const flags: Readonly<Record<keyof FaceSettings, string>> = {
    size: '--size',
    margin: '--margin',
    threshold: '--threshold',
    minFace: '--min-face',
    outside: '--outside',
    align: '--align',
  };
  for (const [key, flag] of Object.entries(flags) as [keyof FaceSettings, string][]) {
    const [was, is] = [earlier.settings[key], fresh.settings[key]];
    if (was !== is) {
      throw new UserError(
        `--out ${out}: made with ${flag} ${was}, got ${is}; give another --out, or the same again`,
      );
    }
  }
}

/** Removes partly written files of a killed process. */
async function removeTemporaries(out: string): Promise<void> {
  const entries = await readdir(out, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (entry.isFile() && entry.name.endsWith(temporaryEnding))
      await rm(join(entry.parentPath, entry.name), { force: true });
  }
}
