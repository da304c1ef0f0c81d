// `faces.json`: the source photos and the settings of a folder of faces. It shows the origin of each face, and the command uses
// it to resume photo by photo.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { diskReason } from '../files/disk.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { UserError } from '../errors.ts';
import type { Box, Point } from './geometry.ts';

/** The file's name in the folder. */
export const faceListFile = 'faces.json';

/** Type and version of the file. */
const listKind = 'dcgan faces, version 1';

/** The settings that determine the crops. */
export interface FaceSettings {
  /** Side of a crop in pixels. */
  readonly size: number;
  /** Margin on each side, as a fraction of the face's side. */
  readonly margin: number;
  /** Minimum score of a face. */
  readonly threshold: number;
  /** Minimum side of a face, in pixels of the photo. */
  readonly minFace: number;
  /** Maximum fraction of a crop outside the photo. */
  readonly outside: number;
  /** True if crops are aligned by the eyes. */
  readonly align: boolean;
}

/** A cropped face. Positions are in pixels of the upright photo. */
export interface FaceEntry {
  /** Path of the crop, relative to the list. */
  readonly file: string;
  /** Path of the photo, relative to the folder of photos. */
  readonly source: string;
  readonly score: number;
  readonly box: Box;
  /** The person's right eye, which is on the image's left, and the left one. */
  readonly eyes: { readonly right: Point; readonly left: Point };
  /** True if the crop is aligned by the eyes. */
  readonly isAligned: boolean;
}

/** A processed photo. */
export interface PhotoEntry {
  readonly source: string;
  /** The sha256 of its content, by which a changed photo is recognised; null for an unreadable one. */
  readonly sha256: string | null;
  /** Number of crops. */
  readonly faces: number;
  /** Number of skipped faces smaller than `minFace`. */
  readonly small: number;
  /** Number of skipped faces that are outside the photo by more than `outside`. */
  readonly cut: number;
  /** The best score below the threshold; 0 if there was none. */
  readonly nextBest: number;
  /** The reason why the photo is unreadable; null if it is readable. */
  readonly unreadable: string | null;
}

/** The content of the file. */
export interface FaceList {
  /** Name and version of the detector. */
  readonly detector: string;
  /** The folder of photos, relative to the list, with forward slashes. */
  readonly folder: string;
  readonly settings: FaceSettings;
  /** Sorted by source. */
  readonly photos: readonly PhotoEntry[];
  /** Sorted by source, then by descending size. */
  readonly faces: readonly FaceEntry[];
}

/** Reads a folder's list; null if there is none. Throws UserError for an unreadable file or one of another kind. */
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
    // Invalid JSON: the error below.
  }
  throw new UserError(`${path}: not a list of faces that this program wrote; give another --out`);
}

/** Writes the list atomically; one line per photo and face. */
export async function writeFaceList(out: string, list: FaceList): Promise<void> {
  const { photos, faces, ...rest } = list;
  const lines = (entries: readonly object[]): string =>
    entries.length === 0 ? '[]' : `[\n${entries.map((entry) => `  ${JSON.stringify(entry)}`).join(',\n')}\n]`;
  const head = JSON.stringify({ kind: listKind, ...rest }).slice(0, -1);
  const text = `${head},\n"photos": ${lines(photos)},\n"faces": ${lines(faces)}}\n`;
  await writeFileAtomically(join(out, faceListFile), text);
}
