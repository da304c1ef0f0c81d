// A contact sheet of up to 100 faces, sorted by score, so that false detections are in the last rows.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { contactSheetFile } from '../data/folder-layout.ts';
import { onDisk } from '../files/disk.ts';
import { emptyGrid, writeGrid } from '../pictures/grid.ts';
import type { FaceEntry } from './face-list.ts';

/** Maximum number of faces per row, and of rows. */
const maxColumns = 10;
/** Side of a face on the sheet in pixels. */
const tile = 96;

/** The faces on the sheet, by descending score: all, or 100 of them, evenly spread. */
export function facesOnSheet(faces: readonly FaceEntry[]): readonly FaceEntry[] {
  const sorted = faces.toSorted((a, b) => b.score - a.score || (a.file < b.file ? -1 : 1));
  const maxFaces = maxColumns ** 2;
  if (sorted.length <= maxFaces) return sorted;
  return Array.from(
    { length: maxFaces },
    (_, i) => sorted[Math.round((i * (sorted.length - 1)) / (maxFaces - 1))]!,
  );
}

/** Writes the sheet into `folder` and returns its path; null without faces. Throws UserError if it cannot be written. */
export async function writeContactSheet(folder: string, faces: readonly FaceEntry[]): Promise<string | null> {
  const path = join(folder, contactSheetFile);
  const shown = facesOnSheet(faces);
  if (shown.length === 0) {
    await rm(path, { force: true });
    return null;
  }
  const columns = Math.min(maxColumns, Math.ceil(Math.sqrt(shown.length)));
  const grid = emptyGrid([shown.length, tile, tile, 3], columns);
  for (const [i, { file }] of shown.entries()) {
    const pixels = await sharp(join(folder, file)).resize(tile, tile).removeAlpha().raw().toBuffer();
    for (let y = 0; y < tile; y++) {
      const to = ((Math.floor(i / columns) * tile + y) * grid.width + (i % columns) * tile) * 3;
      grid.pixels.set(pixels.subarray(y * tile * 3, (y + 1) * tile * 3), to);
    }
  }
  await onDisk(
    path,
    () => 'the faces are written',
    () => writeGrid(path, grid),
  );
  return path;
}
