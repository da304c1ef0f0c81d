// Sample grids, pixel by pixel.
import { square } from '../../runtime-web/format/image-shape.ts';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  emptyGrid,
  gridName,
  joinGrids,
  layGrid,
  placeImages,
  rowOfImages,
  writeGrid,
} from '../../trainer/pictures/grid.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('sample grid');

test('images go row by row, and empty cells are black', () => {
  // Three images of 1x2x1 make a grid of two columns.
  const data = Float32Array.of(-1, 1, 0, 0.5, 1, -1);
  const grid = layGrid({ shape: [3, 1, 2, 1], dtype: 'float32', data });
  assert.equal([grid.width, grid.height, grid.channels], [4, 2, 1]);
  assert.equal([...grid.pixels], [0, 255, 128, 191, 255, 0, 0, 0]);
});

test('values out of range are clamped, and NaN is black', () => {
  const data = Float32Array.of(-2, 2, NaN, 0);
  const { pixels } = layGrid({ shape: [1, 2, 2, 1], dtype: 'float32', data });
  assert.equal([...pixels], [0, 255, 0, 128]);
});

test('a PNG holds the very pixels', async () => {
  const path = join(temporaryFolder(), gridName(7));
  const data = Float32Array.from({ length: 4 * 2 * 2 * 3 }, (_, i) => (i / 48) * 2 - 1);
  const grid = layGrid({ shape: [4, 2, 2, 3], dtype: 'float32', data });
  await writeGrid(path, grid);
  const { data: pixels, info } = await sharp(path).raw().toBuffer({ resolveWithObject: true });
  assert.equal([info.width, info.height, info.channels], [4, 4, 3]);
  assert.equal(new Uint8Array(pixels), grid.pixels);
  assert.match(path, /step-000007\.png$/);
});

test('images placed one by one, in any number of columns, lie as those placed together', () => {
  const data = Float32Array.from({ length: 5 * 2 * 2 }, (_, i) => i / 10 - 1);
  const together = emptyGrid([5, 2, 2, 1], 3);
  placeImages(together, { shape: [5, 2, 2, 1], dtype: 'float32', data }, 0);
  assert.equal([together.width, together.height], [6, 4]);
  const single = emptyGrid([5, 2, 2, 1], 3);
  for (let i = 0; i < 5; i++) {
    placeImages(single, { shape: [1, 2, 2, 1], dtype: 'float32', data: data.slice(i * 4, i * 4 + 4) }, i);
  }
  assert.equal(single, together);
});

test('a scaled PNG has each pixel as a square', async () => {
  const path = join(temporaryFolder(), 'scaled.png');
  const grid = layGrid({ shape: [1, 1, 2, 1], dtype: 'float32', data: Float32Array.of(-1, 1) });
  await writeGrid(path, grid, 2);
  const { data, info } = await sharp(path).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
  assert.equal([info.width, info.height], [4, 2]);
  assert.equal([...data], [0, 0, 255, 255, 0, 0, 255, 255]);
});

test('two channels are refused', () => {
  assert.throws(
    () => layGrid({ shape: [1, 2, 2, 2], dtype: 'float32', data: new Float32Array(8) }),
    /got 2 channels/,
  );
});

test('separate images make a row, and rows a table with white gaps', () => {
  const [black, white] = [Float32Array.of(-1), Float32Array.of(1)];
  const rows = [
    [black, white],
    [white, black],
    [black, black],
  ].map((row) => rowOfImages(row, { ...square(1), channels: 1 }));
  const { width, height, pixels } = joinGrids(rows, 2, 1);
  assert.equal([width, height], [5, 3]);
  assert.equal(
    [...pixels],
    [...[0, 255, 255, 255, 0], ...[255, 255, 255, 255, 255], ...[0, 0, 255, 255, 255]],
  );
});

test.run();
