// `faces.json`: what a folder of faces was made from, and with which settings. Whoever trains on the faces can tell where
// each came from; the command itself goes on by it, photo by photo, after it was stopped.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { diskReason } from '../files/disk.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { UserError } from '../errors.ts';
import type { Box, Point } from './geometry.ts';

/** The file's name in the folder. */
export const faceListFile = 'faces.json';

/** What the file says it is. */
const listKind = 'dcgan faces, version 1';

/** What decides which pictures come out. */
export interface FaceSettings {
  /** Side of a picture in pixels. */
  readonly size: number;
  /** What is added on each side of the face, as a share of it. */
  readonly margin: number;
  /** The least score of a face. */
  readonly threshold: number;
  /** The least side of a face, in pixels of the photo. */
  readonly minFace: number;
  /** The largest share of a picture that may lie outside the photo. */
  readonly outside: number;
  /** Whether the eyes are brought to the same places. */
  readonly align: boolean;
}

/** A face that was cut out. Places are in pixels of the upright photo. */
export interface FaceEntry {
  /** The picture, relative to the list. */
  readonly file: string;
  /** The photo, relative to the folder of photos. */
  readonly source: string;
  readonly score: number;
  readonly box: Box;
  /** The person's right eye, which is on the picture's left, and the left one. */
  readonly eyes: { readonly right: Point; readonly left: Point };
  /** Whether the eyes lie level and in their places in the picture. */
  readonly isAligned: boolean;
}

/** A photo that was looked at, as it was then. */
export interface PhotoEntry {
  readonly source: string;
  readonly bytes: number;
  readonly modifiedMs: number;
  /** Faces that were cut out. */
  readonly faces: number;
  /** Faces that were left out: below `minFace`, and those that leave the photo by more than `outside`. */
  readonly small: number;
  readonly cut: number;
  /** The best score of what was not sure enough to be a face; 0 where there was nothing. */
  readonly nextBest: number;
  /** Why it could not be read; null where it could. */
  readonly unreadable: string | null;
}

/** All that the file holds. */
export interface FaceList {
  /** The network that found them. */
  readonly detector: string;
  /** The folder of photos, relative to the list, with forward slashes. */
  readonly folder: string;
  readonly settings: FaceSettings;
  /** Sorted by source. */
  readonly photos: readonly PhotoEntry[];
  /** Sorted by source, then by size, the largest first. */
  readonly faces: readonly FaceEntry[];
}

/** The list in a folder; null where there is none. Throws UserError for one that is not ours or cannot be read. */
export async function readFaceList(out: string): Promise<FaceList | null> {
  const path = join(out, faceListFile);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw new UserError(`${path}: cannot be read (${diskReason(error) ?? error.message})`);
  });
  if (text === null) return null;
  try {
    const { kind, ...list } = JSON.parse(text) as FaceList & { readonly kind: string };
    if (kind === listKind && Array.isArray(list.photos) && Array.isArray(list.faces)) return list;
  } catch {
    // Said below.
  }
  throw new UserError(`${path}: not a list of faces that this program wrote; give another --out`);
}

/** Writes the list, whole or not at all; a line for each photo and face. */
export async function writeFaceList(out: string, list: FaceList): Promise<void> {
  const { photos, faces, ...rest } = list;
  const lines = (entries: readonly object[]): string =>
    entries.length === 0 ? '[]' : `[\n${entries.map((entry) => `  ${JSON.stringify(entry)}`).join(',\n')}\n]`;
  const head = JSON.stringify({ kind: listKind, ...rest }).slice(0, -1);
  const text = `${head},\n"photos": ${lines(photos)},\n"faces": ${lines(faces)}}\n`;
  await writeFileAtomically(join(out, faceListFile), text);
}
