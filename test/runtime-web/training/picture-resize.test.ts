// Resizing a picture band by band, against Pillow's numbers.
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { boxAround } from '../../../runtime-web/format/crop-box.ts';
import { square, type ImageShape } from '../../../runtime-web/format/image-shape.ts';
import { resizedPicture, type ReadRows } from '../../../runtime-web/training/picture-resize.ts';
import { bytesOf, differences, forms, pillow, pixelsOf } from '../train/pillow-pictures.ts';

const test = suite('resizedPicture()');

for (const { width, height, focus, ...results } of pillow.cases) {
  const isLarge = width * height > 2 ** 22;
  // Averaging in blocks changes a large picture by little; Pillow's own reducing_gap does too.
  const most = isLarge ? 3 : 1;
  test(`${width}x${height}: within ${most} of ${pillow.made}'s bicubic, in colour, grey, on white and premultiplied`, () => {
    const box = boxAround({ width, height }, square(pillow.side), { x: focus[0], y: focus[1] });
    for (const { form, isOpaque, channels } of isLarge ? forms.slice(0, 1) : forms) {
      const pixels = pixelsOf(width, height, isOpaque);
      let rowsAtOnce = 0;
      const read: ReadRows = (top, count) => {
        rowsAtOnce = Math.max(rowsAtOnce, count);
        const rows = new Uint8ClampedArray(4 * count * box.width);
        for (let y = 0; y < count; y++) {
          const from = 4 * ((box.top + top + y) * width + box.left);
          rows.set(pixels.subarray(from, from + 4 * box.width), 4 * y * box.width);
        }
        return rows;
      };
      const got = resizedPicture(box, { ...square(pillow.side), channels }, read);
      const { worst, mean } = differences(got, bytesOf(results[form]));
      assert.ok(worst <= most, `${form}: differs by ${worst}, ${mean} in the mean`);
      assert.ok(mean < 0.3, `${form}: differs by ${mean} in the mean`);
      assert.ok(rowsAtOnce * box.width <= 2 ** 18, `${rowsAtOnce} rows at once`);
    }
  });
}

test('enlarging is that of Pillow too', () => {
  interface Case extends ImageShape {
    readonly to: readonly [number, number];
    readonly fit: string;
    readonly filter: string;
    readonly pixels: string;
    readonly resized: string;
  }
  const text = readFileSync('test/fixtures/pillow-resize.json', 'utf8');
  const { cases } = JSON.parse(text) as { cases: readonly Case[] };
  const used = cases.filter(
    (each) => each.fit === 'crop' && each.filter === 'bicubic' && each.channels === 3,
  );
  assert.ok(used.some(({ width, to }) => width < to[0]) && used.length > 2);
  for (const { width, height, to, pixels, resized } of used) {
    const given = bytesOf(pixels);
    const target = { width: to[0], height: to[1] };
    const box = boxAround({ width, height }, target, 'centre');
    const read: ReadRows = (top, count) =>
      Uint8ClampedArray.from({ length: 4 * count * box.width }, (_, i) => {
        const [x, y] = [(i >> 2) % box.width, Math.floor((i >> 2) / box.width)];
        const at = ((box.top + top + y) * width + box.left + x) * 3;
        return i % 4 === 3 ? 255 : given[at + (i % 4)]!;
      });
    const { worst } = differences(resizedPicture(box, { ...target, channels: 3 }, read), bytesOf(resized));
    assert.ok(worst <= 1, `${width}x${height} to ${to.join('x')} differs by ${worst}`);
  }
});

test.run();
