// Enlarging against Pillow's numbers (a fixture, made by scripts/fixtures/resize.py).
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { premultiply } from '../../runtime-web/format/premultiply.ts';
import { enlarged, type Enlargement } from '../../trainer/data/enlarge.ts';
import { toBytes, toFloats } from '../../trainer/pictures/pixels.ts';

interface Fixture {
  made: string;
  cases: {
    width: number;
    height: number;
    channels: number;
    to: [number, number];
    fit: string;
    filter: Enlargement['resample'];
    pixels: string;
    resized: string;
  }[];
}

const { made, cases } = JSON.parse(readFileSync('test/fixtures/pillow-resize.json', 'utf8')) as Fixture;
const test = suite('enlarged()');
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
const enlarging = cases.filter(
  ({ width, height, to, filter }) =>
    ['lanczos', 'nearest'].includes(filter) && to[0] % width === 0 && to[0] / width === to[1] / height,
);

for (const { width, height, channels, to, filter, pixels, resized } of enlarging) {
  test(`${width}x${height}x${channels} to ${to.join('x')}: each image of two within one level of ${made}'s ${filter}`, () => {
    const given = channels === 4 ? premultiply(bytesOf(pixels)) : bytesOf(pixels);
    const other = new Uint8Array(given.length).fill(255);
    const images = {
      shape: [2, height, width, channels],
      dtype: 'float32',
      data: toFloats(new Uint8Array([...given, ...other])),
    } as const;
    const { shape, data } = enlarged(images, { scale: to[0] / width, resample: filter });
    assert.equal(shape, [2, to[1], to[0], channels]);
    const [ours, theirs] = [toBytes(data), bytesOf(resized)];
    const worst = theirs.reduce((most, value, i) => Math.max(most, Math.abs(value - ours[i]!)), 0);
    assert.ok(worst <= 1, `worst difference ${worst}`);
    assert.ok(ours.subarray(theirs.length).every((value) => value === 255));
  });
}

test('there are cases of grey, colour and alpha, with lanczos and nearest', () => {
  const kinds = enlarging.map(({ channels, filter }) => `${filter} ${channels}`);
  for (const kind of ['lanczos 1', 'lanczos 3', 'lanczos 4', 'nearest 3'])
    assert.ok(kinds.includes(kind), kind);
});

test.run();
