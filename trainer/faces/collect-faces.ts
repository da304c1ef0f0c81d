// Processes photo after photo. A photo's faces are written before it enters the list, and the list is written every
// half minute and at the end, so a stopped or killed run loses at most that and can be continued.
import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { readImageFile } from '../data/file-access.ts';
import type { FileStamp } from '../data/fingerprint.ts';
import { decodeWhole } from '../data/image-file.ts';
import { BadImageError } from '../data/source.ts';
import { writeAtomically, writeFully } from '../files/atomic-file.ts';
import { onDisk } from '../files/disk.ts';
import { writeFaceList, type FaceEntry, type FaceList, type PhotoEntry } from './face-list.ts';
import type { FacesFolder } from './faces-folder.ts';
import type { FaceFinder } from './find-faces.ts';
import type { Point } from './geometry.ts';
import { facesOf, type PhotoFaces } from './photo-faces.ts';
import { PictureNames } from './picture-names.ts';
import { resampleSimilarity, type Photo } from './resample-similarity.ts';

/** The inputs of {@link collectFaces}. */
export interface CollectOptions {
  /** The folder of photos, and the photos in it, sorted. */
  readonly photos: string;
  readonly stamps: readonly FileStamp[];
  readonly folder: FacesFolder;
  readonly finder: FaceFinder;
  readonly signal?: AbortSignal;
  /** Called after each processed photo; skipped photos are in neither number. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** The result: counts of photos and faces. */
export interface Collected {
  readonly list: FaceList;
  /** Photos processed now, and photos processed by earlier runs. */
  readonly looked: number;
  readonly skipped: number;
  /** Photos in the list that are no longer in the folder; their faces stay. */
  readonly gone: number;
}

/** The list is written at least this often. */
const saveEveryMs = 30_000;

/**
 * Looks at every photo that is not in the folder's list as it is now, and writes its faces. Throws UserError where the
 * disk refuses, the signal's reason when aborted; in both cases what is done stays done.
 */
export async function collectFaces(options: CollectOptions): Promise<Collected> {
  const { photos, stamps, folder, finder, signal, onProgress } = options;
  const entries = new Map(folder.list.photos.map((photo) => [photo.source, photo]));
  const faces = new Map<string, readonly FaceEntry[]>();
  const names = new PictureNames();
  for (const face of folder.list.faces) {
    faces.set(face.source, [...(faces.get(face.source) ?? []), face]);
    names.reserve(face.source, face.file);
  }
  const list = (): FaceList => {
    const sorted = [...entries.values()].sort((a, b) => (a.source < b.source ? -1 : 1));
    return {
      ...folder.list,
      photos: sorted,
      faces: sorted.flatMap(({ source }) => faces.get(source) ?? []),
    };
  };
  const save = (): Promise<void> => writing(folder.path, () => writeFaceList(folder.path, list()));

  const wanted: FileStamp[] = [];
  for (const stamp of stamps) {
    signal?.throwIfAborted();
    const known = entries.get(stamp.path);
    // Unreadable photos are tried again: their permissions may have changed.
    const isSame =
      known?.bytes === stamp.bytes && known.modifiedMs === stamp.modifiedMs && known.unreadable === null;
    if (!isSame || !(await areThere(folder.path, faces.get(stamp.path) ?? []))) wanted.push(stamp);
  }

  let savedAt = Date.now();
  let isSaved = true;
  try {
    // The next photo is read and decoded while faces are found in this one.
    let next = settled(readPhoto(photos, wanted[0]));
    for (const [i, stamp] of wanted.entries()) {
      signal?.throwIfAborted();
      const read = await next;
      next = settled(readPhoto(photos, wanted[i + 1]));
      const found = await lookAt(read, finder, folder, signal);
      const files = 'kept' in found ? await writeFaces(read as Photo, found, stamp, folder, names) : [];
      const stale = (faces.get(stamp.path) ?? []).filter(({ file }) => files.every((f) => f.file !== file));
      for (const { file } of stale) await rm(join(folder.path, file), { force: true });
      entries.set(stamp.path, entryOf(stamp, found));
      faces.set(stamp.path, files);
      isSaved = false;
      if (Date.now() - savedAt > saveEveryMs) {
        await save();
        [savedAt, isSaved] = [Date.now(), true];
      }
      onProgress?.(i + 1, wanted.length);
    }
  } catch (error) {
    // Report the first error.
    if (!isSaved) await save().catch(() => undefined);
    throw error;
  }
  await save();
  const present = new Set(stamps.map(({ path }) => path));
  return {
    list: list(),
    looked: wanted.length,
    skipped: stamps.length - wanted.length,
    gone: [...entries.keys()].filter((source) => !present.has(source)).length,
  };
}

/** A photo's pixels. Throws BadImageError with the reason. */
export async function readPhoto(folder: string, stamp: FileStamp | undefined): Promise<Photo | null> {
  return stamp === undefined ? null : decodeWhole(await readImageFile(folder, stamp.path, stamp.bytes));
}

/** A decoded photo, or the reason why it cannot be read. */
type Outcome = PhotoFaces | BadImageError;

/** Returns a bad photo as a value, so that reading ahead causes no unhandled rejection. */
function settled(photo: Promise<Photo | null>): Promise<Photo | BadImageError | null> {
  return photo.catch((error: unknown) => {
    if (error instanceof BadImageError) return error;
    throw error;
  });
}

async function lookAt(
  photo: Photo | BadImageError | null,
  finder: FaceFinder,
  { list }: FacesFolder,
  signal?: AbortSignal,
): Promise<Outcome> {
  if (photo instanceof BadImageError) return photo;
  return facesOf(photo!, finder, list.settings, signal);
}

async function writeFaces(
  photo: Photo,
  { kept }: PhotoFaces,
  stamp: FileStamp,
  folder: FacesFolder,
  names: PictureNames,
): Promise<FaceEntry[]> {
  const { size } = folder.list.settings;
  const entries: FaceEntry[] = [];
  const start = kept.length === 0 ? '' : names.startFor(stamp.path);
  for (const [i, { face, crop }] of kept.entries()) {
    const file = `${start}-${i}.png`;
    const path = join(folder.path, file);
    const pixels = resampleSimilarity(photo, crop.map, size);
    const png = await sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
      .png()
      .toBuffer();
    await writing(path, async () => {
      await mkdir(dirname(path), { recursive: true });
      await writeAtomically(path, (handle) => writeFully(handle, png));
    });
    const { left, top, width, height } = face.box;
    entries.push({
      file,
      source: stamp.path,
      score: rounded(face.score, 4),
      box: {
        left: rounded(left, 1),
        top: rounded(top, 1),
        width: rounded(width, 1),
        height: rounded(height, 1),
      },
      eyes: { right: place(face.points.rightEye), left: place(face.points.leftEye) },
      isAligned: crop.isAligned,
    });
  }
  return entries;
}

function entryOf({ path, bytes, modifiedMs }: FileStamp, found: Outcome): PhotoEntry {
  const photo = { source: path, bytes, modifiedMs };
  if (found instanceof BadImageError) {
    return { ...photo, faces: 0, small: 0, cut: 0, nextBest: 0, unreadable: found.message };
  }
  const { kept, small, cut, nextBest } = found;
  return { ...photo, faces: kept.length, small, cut, nextBest: rounded(nextBest, 4), unreadable: null };
}

async function areThere(folder: string, faces: readonly FaceEntry[]): Promise<boolean> {
  for (const { file } of faces) {
    const facts = await stat(join(folder, file)).catch(() => null);
    if (facts === null || !facts.isFile() || facts.size === 0) return false;
  }
  return true;
}

function writing<T>(path: string, write: () => Promise<T>): Promise<T> {
  return onDisk(path, () => 'what is written stays, and the same command goes on from there', write);
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

function place([x, y]: Point): Point {
  return [rounded(x, 1), rounded(y, 1)];
}
