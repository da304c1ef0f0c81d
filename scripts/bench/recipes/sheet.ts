// One sheet for each set: the first images of every recipe's model at the end, a row each, of the same seeds for all runs of this program.
import { join } from 'node:path';
import sharp from 'sharp';
import { drawSheet, pictureAt, type Picture } from '../../../trainer/pictures/sheet.ts';
import { toFloats } from '../../../trainer/pictures/pixels.ts';
import { samplesFile, type CellResult } from './cell.ts';
import { imageSets, type SetName } from './table.ts';

/** Number of images of a row. */
const across = 12;

/** The sheet of a set's cells as PNG; `folderOf` finds a cell's files. The first seed of each recipe is shown. */
export async function sampleSheet(
  cells: readonly CellResult[],
  folderOf: (cell: CellResult) => string,
): Promise<Uint8Array> {
  const first = cells.filter((cell) => cells.find(({ recipe }) => recipe === cell.recipe) === cell);
  const { size } = imageSets[first[0]!.set as SetName];
  const rows = first.map(async (cell) => ({
    label: cell.recipe,
    groups: [await imagesOf(join(folderOf(cell), samplesFile), size)],
  }));
  return drawSheet(await Promise.all(rows), size < 64 ? 2 : 1);
}

/** The first images of a grid, on white. */
async function imagesOf(path: string, size: number): Promise<readonly Picture[]> {
  const grid = sharp(path);
  const { width = size } = await grid.metadata();
  const columns = width / size;
  return Promise.all(
    Array.from({ length: across }, async (_, i) => {
      const place = { left: (i % columns) * size, top: Math.floor(i / columns) * size };
      const pixels = await sharp(path)
        .extract({ ...place, width: size, height: size })
        .flatten({ background: '#fff' })
        .toColourspace('srgb')
        .raw()
        .toBuffer();
      return pictureAt(toFloats(pixels), 0, { width: size, height: size, channels: 3 });
    }),
  );
}
