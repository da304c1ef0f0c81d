// The grid of samples beside a card: the first seeds in order, so that nobody has chosen them.
import type { HostTensor } from '../graph/trace/graph.ts';
import { drawSeeds } from '../model-package/draw-seeds.ts';
import type { ModelPackage } from '../model-package/read-package.ts';
import { emptyGrid, gridPng, layGrid, placeImages } from '../pictures/grid.ts';
import { marked } from '../pictures/mark.ts';
import { drawSheet, pictureAt } from '../pictures/sheet.ts';

const plainColumns = 8;
const rowCount = 4;
/** Limit of the classes that get a column each. */
const maxClasses = 12;
/** About the grid's width in pixels. */
const gridWidth = 768;

/** About the width of a single image. */
const singleWidth = 512;

/** Samples of a model. */
export interface DrawnSamples {
  /** The grid as a PNG with this program's mark. */
  readonly grid: Uint8Array;
  /** Seed 0 alone, as a PNG. */
  readonly single: Uint8Array;
  readonly caption: string;
}

/** Draws the grid. Throws UserError for a package that cannot be run, the signal's reason when aborted. */
export async function drawSamples(opened: ModelPackage, signal: AbortSignal): Promise<DrawnSamples> {
  const { conditioning, width, height, channels } = opened.model;
  const classes =
    conditioning?.kind === 'classes' && conditioning.names.length <= maxClasses ? conditioning.names : null;
  const columns = classes?.length ?? plainColumns;
  const seeds = Array.from({ length: columns * rowCount }, (_, seed) => seed);
  const images: HostTensor[] = [];
  for await (const image of drawSeeds(opened, seeds, signal)) images.push(image);
  const scale = Math.max(1, Math.floor(gridWidth / (columns * width)));
  const single = await gridPng(layGrid(images[0]!), Math.max(1, Math.floor(singleWidth / width)));
  const range = `Seeds 0 to ${seeds.length - 1}, not chosen`;
  if (classes !== null) {
    const pictures = images.map(({ data }) => [
      pictureAt(data as Float32Array, 0, { width, height, channels }),
    ]);
    const rows = Array.from({ length: rowCount }, (_, row) => ({
      ...(row === 0 && { above: classes }),
      groups: pictures.slice(row * columns, (row + 1) * columns),
    }));
    return {
      grid: marked(await drawSheet(rows, scale)),
      single,
      caption: `${range}: a column for each class.`,
    };
  }
  const grid = emptyGrid([images.length, height, width, channels], columns);
  for (const [i, image] of images.entries()) placeImages(grid, image, i);
  return { grid: marked(await gridPng(grid, scale)), single, caption: `${range}, row by row.` };
}
