// `faces.json`: the source of each face in a folder, and the settings. It documents the data set, and the command uses it
// to continue after an interruption.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { diskReason } from '../files/disk.ts';
import { writeAtomically, writeFully } from '../files/atomic-file.ts';
import { UserError } from '../errors.ts';
import type { Box, Point } from './geometry.ts';

/** The file's name in the folder. */
export const faceListFile = 'faces.json';

/** The file's format mark. */
const listKind = 'dcgan faces, version 1';

/** The settings that determine the crops. */
export interface FaceSettings {
  /** Side of a picture in pixels. */
  readonly size: number;
  /** Margin on each side of the face, as a fraction of its side. */
  readonly margin: number;
  /** Minimum score of a face. */
  readonly threshold: number;
  /** Minimum side of a face, in pixels of the photo. */
  readonly minFace: number;
  /** Maximum fraction of a crop that may lie outside the photo. */
  readonly outside: number;
  /** Whether crops are aligned by the eyes. */
  readonly align: boolean;
}

/** A cropped face. Positions are in pixels of the upright photo. */
export interface FaceEntry {
  /** The picture, relative to the list. */
  readonly file: string;
  /** The photo, relative to the folder of photos. */
  readonly source: string;
  readonly score: number;
  readonly box: Box;
  /** The person's right eye, which is on the picture's left, and the left one. */
  readonly eyes: { readonly right: Point; readonly left: Point };
  /** Whether the crop is aligned by the eyes. */
  readonly isAligned: boolean;
}

/** A processed photo, with its state at that time. */
export interface PhotoEntry {
  readonly source: string;
  readonly bytes: number;
  readonly modifiedMs: number;
  /** Faces that were cut out. */
  readonly faces: number;
  /** Faces that were left out: below `minFace`, and those that leave the photo by more than `outside`. */
  readonly small: number;
  readonly cut: number;
  /** The best score below the threshold; 0 without any candidate. */
  readonly nextBest: number;
  /** The reason why it could not be read; null where it could. */
  readonly unreadable: string | null;
}

/** The content of the file. */
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
    // Reported below.
  }
  throw new UserError(`${path}: not a list of faces that this program wrote; give another --out`);
}

/** Writes the list atomically, one line per photo and face. */
export async function writeFaceList(out: string, list: FaceList): Promise<void> {
  const { photos, faces, ...rest } = list;
  const lines = (entries: readonly object[]): string =>
    entries.length === 0 ? '[]' : `[\n${entries.map((entry) => `  ${JSON.stringify(entry)}`).join(',\n')}\n]`;
  const head = JSON.stringify({ kind: listKind, ...rest }).slice(0, -1);
  const text = `${head},\n"photos": ${lines(photos)},\n"faces": ${lines(faces)}}\n`;
  const bytes = new TextEncoder().encode(text);
  await writeAtomically(join(out, faceListFile), (file) => writeFully(file, bytes));
}
