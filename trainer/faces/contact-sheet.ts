// A sheet of up to 100 faces by falling score: errors show in its last rows.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { contactSheetFile } from '../data/folder-layout.ts';
import { onDisk } from '../files/disk.ts';
import { emptyGrid, writeGrid } from '../pictures/grid.ts';
import type { FaceEntry } from './face-list.ts';

/** Faces per row, and the maximum number of rows. */
const mostAcross = 10;
const tile = 96;

/** The faces on the sheet, by falling score: all, or 100 of them evenly spread. */
export function facesOnSheet(faces: readonly FaceEntry[]): readonly FaceEntry[] {
  const sorted = faces.toSorted((a, b) => b.score - a.score || (a.file < b.file ? -1 : 1));
  const most = mostAcross ** 2;
  if (sorted.length <= most) return sorted;
  return Array.from({ length: most }, (_, i) => sorted[Math.round((i * (sorted.length - 1)) / (most - 1))]!);
}

/** Writes the sheet into `folder` and returns its path; null without faces. Throws UserError on disk errors. */
export async function writeContactSheet(folder: string, faces: readonly FaceEntry[]): Promise<string | null> {
  const path = join(folder, contactSheetFile);
  const shown = facesOnSheet(faces);
  if (shown.length === 0) {
    await rm(path, { force: true });
    return null;
  }
  const columns = Math.min(mostAcross, Math.ceil(Math.sqrt(shown.length)));
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
