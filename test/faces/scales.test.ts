// The scales at which a photo is searched, and the tiles that cover each.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cutTile, photoSteps, scalePhoto, tilesOf } from '../../trainer/faces/scales.ts';
import { picture } from './expected.ts';

const test = suite('scales');

test('sizes go from where the smallest face has 24 pixels to where the photo has 192', () => {
  assert.equal(photoSteps({ width: 1920, height: 1080 }, 48), [2, 4, 8, 16]);
  assert.equal(photoSteps({ width: 768, height: 100 }, 10), [1, 2, 4]);
  // One that is smaller than the network's input is enlarged to it, and one with large faces only is made small.
  assert.equal(photoSteps({ width: 96, height: 60 }, 24), [0.5]);
  assert.equal(photoSteps({ width: 1920, height: 1080 }, 5000), [10]);
});

test('tiles cover the photo, overlap by 192 and have sides that are multiples of 32', () => {
  for (const [width, height] of [
    [1, 1],
    [192, 100],
    [1024, 1025],
    [3000, 700],
    [1857, 1856],
  ] as const) {
    const tiles = tilesOf({ width, height });
    const reach = (side: 'left' | 'top', length: 'width' | 'height', whole: number): void => {
      const starts = [...new Set(tiles.map((tile) => tile[side]))].sort((a, b) => a - b);
      let end = 0;
      for (const start of starts) {
        const tile = tiles.find((candidate) => candidate[side] === start)!;
        assert.ok(start === 0 || end - start === 192, `${width}x${height}: ${start} after ${end}`);
        assert.ok(tile[length] <= 1024 && tile[length] % 32 === 0 && tile[length] > 0);
        end = start + tile[length];
      }
      assert.ok(end >= whole && end < whole + 32);
    };
    reach('left', 'width', width);
    reach('top', 'height', height);
  }
});

test('a tile has the pixels of its place, and grey beyond the border', () => {
  const photo = picture(40, 36, (x, y, c) => (x + 3 * y + c) % 256);
  const cut = cutTile(photo, { left: 32, top: 32, width: 32, height: 32 });
  const at = (x: number, y: number): number => cut[(y * 32 + x) * 3 + 1]!;
  assert.equal([at(0, 0), at(7, 3), at(8, 0), at(0, 4)], [32 + 96 + 1, 39 + 105 + 1, 128, 128]);
});

test('a photo at its own size is not computed anew', async () => {
  const photo = picture(40, 36, () => 7);
  assert.is((await scalePhoto(photo, 1)).pixels, photo.pixels);
  const half = await scalePhoto(photo, 2);
  assert.equal([half.width, half.height, half.step, half.pixels.length], [20, 18, 2, 1080]);
  assert.ok(half.pixels.every((value) => value === 7));
});

test.run();
