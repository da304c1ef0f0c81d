// The plots: well-formed, and everything in its place.
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { confusionPicture } from '../../../trainer/analysis/features/confusion-picture.ts';
import { curvePicture } from '../../../trainer/analysis/features/curve-picture.ts';

const test = suite('pictures of features');

test('a confusion matrix has a cell for each pair, in percent of its row, and escaped names', async () => {
  const svg = confusionPicture(
    ['a<b', 'dog'],
    [
      [30, 10],
      [0, 0],
    ],
  );
  assert.match(svg, /a&lt;b/);
  assert.is(svg.match(/<rect x=/g)!.length, 4);
  assert.match(svg, />75</);
  assert.match(svg, />25</);
  const { width, height } = await sharp(Buffer.from(svg)).metadata();
  assert.ok(width > 300 && height > 100);
});

test('a curve rises with the accuracy, above the line of the baseline that it exceeds', async () => {
  const svg = curvePicture(
    [
      { images: 1000, accuracy: 0.5 },
      { images: 2000, accuracy: 0.7 },
    ],
    [{ title: 'raw pixels', accuracy: 0.4 }],
  );
  const [, x1, y1, x2, y2] = /points="([\d.]+),([\d.]+) ([\d.]+),([\d.]+)"/.exec(svg)!.map(Number);
  const line = Number(/y1="([\d.]+)" y2="[\d.]+" stroke="#b3441e"/.exec(svg)![1]);
  assert.ok(x2! > x1! && y2! < y1! && line > y1!, `${x1},${y1} ${x2},${y2} ${line}`);
  assert.match(svg, />raw pixels</);
  assert.is((await sharp(Buffer.from(svg)).metadata()).width, 640);
});

test('one point, and levels that are all the same, are drawn too', async () => {
  for (const svg of [
    curvePicture([{ images: 0, accuracy: 1 }], []),
    curvePicture([{ images: 5, accuracy: 0 }], []),
  ]) {
    assert.not.match(svg, /NaN|Infinity/);
    await sharp(Buffer.from(svg)).png().toBuffer();
  }
});

test.run();
