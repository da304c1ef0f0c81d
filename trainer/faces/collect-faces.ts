// Collects the faces of all photos. The faces of a photo are written before the photo enters the list, and the list is written at
// intervals and at the end, so that a stopped or killed run loses at most 30 seconds of work and can be resumed.
import { createHash } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readImageFile } from '../data/file-access.ts';
import type { FileStamp } from '../data/fingerprint.ts';
import { decodeWhole, refuseOwnGrid } from '../data/image-file.ts';
import { withinPixelBudget } from '../data/pixel-budget.ts';
import { BadImageError } from '../data/source.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { onDisk } from '../files/disk.ts';
import { gridPng } from '../pictures/grid.ts';
import { writeFaceList, type FaceEntry, type FaceList, type PhotoEntry } from './face-list.ts';
import type { FacesFolder } from './faces-folder.ts';
import type { FaceFinder } from './find-faces.ts';
import type { Point } from './geometry.ts';
import { facesOf, type PhotoFaces } from './photo-faces.ts';
import { PictureNames } from './picture-names.ts';
import { resampleSimilarity, type Photo } from './resample-similarity.ts';

/** Settings. */
export interface CollectOptions {
  /** The folder of photos. */
  readonly photos: string;
  /** The photos in it, sorted by path. */
  readonly stamps: readonly FileStamp[];
  readonly folder: FacesFolder;
  readonly finder: FaceFinder;
  readonly signal?: AbortSignal;
  /** Called after each processed photo; skipped ones count in neither number. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** The result. */
export interface Collected {
  readonly list: FaceList;
  /** Number of photos processed in this run. */
  readonly looked: number;
  /** Number of unchanged photos, processed in an earlier run. */
  readonly skipped: number;
  /** Photos in the list that are no longer in the folder; their faces stay. */
  readonly gone: number;
}

/** Interval between two writes of the list. */
const saveEveryMs = 30_000;

/**
 * Processes every photo that is new or changed since it entered the folder's list, and writes its faces. Throws UserError
 * if a file cannot be written, the signal's reason when aborted; in both cases finished work stays.
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

  const pending: FileStamp[] = [];
  for (const stamp of stamps) {
    signal?.throwIfAborted();
    const known = entries.get(stamp.path);
    // Unreadable photos are tried again: their permissions may have changed.
    const isFinished =
      known !== undefined &&
      known.unreadable === null &&
      (await filesExist(folder.path, faces.get(stamp.path) ?? [])) &&
      known.sha256 === (await hashOfPhoto(photos, stamp));
    if (!isFinished) pending.push(stamp);
  }

  let savedAt = Date.now();
  let isSaved = true;
  try {
    // The next photo is read and decoded while the network runs.
    let next = settled(readPhoto(photos, pending[0]));
    for (const [i, stamp] of pending.entries()) {
      signal?.throwIfAborted();
      const read = await next;
      next = settled(readPhoto(photos, pending[i + 1]));
      const found = await findIn(read, finder, folder, signal);
      const files = 'kept' in found ? await writeFaces(read as Photo, found, stamp, folder, names) : [];
      const stale = (faces.get(stamp.path) ?? []).filter(({ file }) => files.every((f) => f.file !== file));
      for (const { file } of stale) await rm(join(folder.path, file), { force: true });
      entries.set(stamp.path, entryOf(stamp.path, found));
      faces.set(stamp.path, files);
      isSaved = false;
      if (Date.now() - savedAt > saveEveryMs) {
        await save();
        [savedAt, isSaved] = [Date.now(), true];
      }
      onProgress?.(i + 1, pending.length);
    }
  } catch (error) {
    // The first error is reported.
    if (!isSaved) await save().catch(() => undefined);
    throw error;
  }
  await save();
  const present = new Set(stamps.map(({ path }) => path));
  return {
    list: list(),
    looked: pending.length,
    skipped: stamps.length - pending.length,
    gone: [...entries.keys()].filter((source) => !present.has(source)).length,
  };
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The sha256 of a photo's file; null if it cannot be read. */
async function hashOfPhoto(folder: string, { path, bytes }: FileStamp): Promise<string | null> {
  const content = await readImageFile(folder, path, bytes).catch((error: unknown) => {
    if (error instanceof BadImageError) return null;
    throw error;
  });
  return content && hashOf(content);
}

/** A decoded photo and the sha256 of its file. */
interface ReadPhoto extends Photo {
  readonly sha256: string;
}

/** Reads and decodes a photo; null without a stamp. Throws BadImageError with the reason. */
export async function readPhoto(folder: string, stamp: FileStamp | undefined): Promise<ReadPhoto | null> {
  if (stamp === undefined) return null;
  const bytes = await readImageFile(folder, stamp.path, stamp.bytes);
  refuseOwnGrid(bytes);
  const photo = await withinPixelBudget(bytes, () => decodeWhole(bytes));
  return { ...photo, sha256: hashOf(bytes) };
}

/** The faces of a photo, or the reason why it is unreadable. */
type Outcome = (PhotoFaces & { readonly sha256: string }) | BadImageError;

/** An unreadable photo as a value, so that reading ahead causes no unhandled rejection. */
function settled(photo: Promise<ReadPhoto | null>): Promise<ReadPhoto | BadImageError | null> {
  return photo.catch((error: unknown) => {
    if (error instanceof BadImageError) return error;
    throw error;
  });
}

async function findIn(
  photo: ReadPhoto | BadImageError | null,
  finder: FaceFinder,
  { list }: FacesFolder,
  signal?: AbortSignal,
): Promise<Outcome> {
  if (photo instanceof BadImageError) return photo;
  return { ...(await facesOf(photo!, finder, list.settings, signal)), sha256: photo!.sha256 };
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
  const prefix = kept.length === 0 ? '' : names.startFor(stamp.path);
  for (const [i, { face, crop }] of kept.entries()) {
    const file = `${prefix}-${i}.png`;
    const path = join(folder.path, file);
    const pixels = resampleSimilarity(photo, crop.map, size);
    const png = await gridPng({ width: size, height: size, channels: 3, pixels });
    await writing(path, async () => {
      await mkdir(dirname(path), { recursive: true });
      await writeFileAtomically(path, png);
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
      eyes: { right: roundedPoint(face.points.rightEye), left: roundedPoint(face.points.leftEye) },
      isAligned: crop.isAligned,
    });
  }
  return entries;
}

function entryOf(source: string, found: Outcome): PhotoEntry {
  if (found instanceof BadImageError) {
    return { source, sha256: null, faces: 0, small: 0, cut: 0, nextBest: 0, unreadable: found.message };
  }
  const { kept, small, cut, nextBest, sha256 } = found;
  return { source, sha256, faces: kept.length, small, cut, nextBest: rounded(nextBest, 4), unreadable: null };
}

/** True if all crops are still there, as non-empty files. */
async function filesExist(folder: string, faces: readonly FaceEntry[]): Promise<boolean> {
  for (const { file } of faces) {
    const facts = await stat(join(folder, file)).catch(() => null);
    if (facts === null || !facts.isFile() || facts.size === 0) return false;
  }
  return true;
}

function writing<T>(path: string, write: () => Promise<T>): Promise<T> {
  return onDisk(path, () => 'finished faces stay, and the same command resumes from there', write);
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

function roundedPoint([x, y]: Point): Point {
  return [rounded(x, 1), rounded(y, 1)];
}
