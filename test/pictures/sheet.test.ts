// Sheets of pictures: where pixels and letters land.
import { square } from '../../runtime-web/format/image-shape.ts';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cropped, drawSheet, pictureAt, stretched, type Picture } from '../../trainer/pictures/sheet.ts';
import { hasDot, letterHeight, letterWidth, textWidth } from '../../trainer/pictures/pixel-font.ts';

const test = suite('drawSheet()');

const grey = (height: number, width: number, ...values: number[]): Picture => ({
  height,
  width,
  channels: 1,
  data: Float32Array.from(values),
});

async function pixelsOf(png: Uint8Array) {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number): number[] => [...data.subarray(3 * (y * info.width + x)).subarray(0, 3)];
  return { at, width: info.width, height: info.height, data };
}

test('pictures stand side by side, enlarged, from black to white, with paper between', async () => {
  const colour: Picture = { height: 1, width: 1, channels: 3, data: Float32Array.of(1, -1, 0) };
  const png = await drawSheet([{ groups: [[grey(2, 1, -1, 1), colour], [grey(1, 1, NaN)]] }], 3);
  const { at, width, height } = await pixelsOf(png);
  // Margins of 8, three pictures of 3, a gap of 2 and one of 12.
  assert.equal([width, height], [16 + 3 * 3 + 2 + 12, 16 + 6 + 2]);
  for (const [x, y, expected] of [
    [8, 8, [0, 0, 0]],
    [10, 10, [0, 0, 0]],
    [8, 11, [255, 255, 255]],
    [11, 8, [255, 255, 255]],
    [13, 8, [255, 0, 128]],
    [15, 10, [255, 0, 128]],
    [27, 8, [255, 255, 255]],
  ] as const) {
    assert.equal(at(x, y), [...expected], `${x}, ${y}`);
  }
});

test('a label stands before the pictures and a heading above them, in dots of two by two', async () => {
  const png = await drawSheet(
    [{ heading: 'll' }, { label: 'l', groups: [[grey(10, 10, ...new Array<number>(100).fill(1))]] }],
    2,
  );
  const { at, data } = await pixelsOf(png);
  // Row 0 of an l: dots 1 and 2.
  assert.equal(at(8 + 2, 8 + 8), [48, 48, 48]);
  assert.equal(at(8, 8 + 8), [255, 255, 255]);
  const inked = data.filter((value) => value === 48).length / 3;
  const dotsOfL = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((y) => [0, 1, 2, 3, 4].filter((x) => hasDot('l', x, y)));
  assert.is(inked, 3 * dotsOfL.length * 4);
});

test('a group is as wide as the text above it, in rows below too', async () => {
  const row = { groups: [[grey(1, 1, -1)], [grey(1, 1, -1)]] };
  const { at, width } = await pixelsOf(await drawSheet([{ ...row, above: ['aaaa', 'b'] }, row], 4));
  assert.is(width, 16 + textWidth('aaaa') * 2 + 12 + textWidth('b') * 2);
  const second = 8 + textWidth('aaaa') * 2 + 12;
  for (const y of [8 + 20, 8 + 20 + 4 + 2]) {
    assert.equal(
      [at(8, y), at(second, y)],
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
    );
  }
});

test('every letter that labels use has dots of its own', () => {
  const letters = "abcdefghijklmnopqrstuvwxyz0123456789.,:-+/%()'=>";
  const drawn = [...letters].map((letter) =>
    Array.from({ length: letterWidth * letterHeight }, (_, i) =>
      Number(hasDot(letter, i % letterWidth, Math.floor(i / letterWidth))),
    ).join(''),
  );
  assert.is(new Set(drawn).size, letters.length);
  assert.ok(drawn.every((dots) => dots.includes('1')));
  assert.ok(hasDot('A', 1, 2) && !hasDot(' ', 1, 2) && !hasDot('ü', 1, 2));
  assert.equal([textWidth(''), textWidth('a'), textWidth('ab')], [0, 5, 11]);
});

test('a part outside the image is paper', () => {
  const part = cropped(grey(2, 2, 1, 2, 3, 4), { first: -1, size: 2 }, { first: 1, size: 2 });
  assert.equal([...part.data], [NaN, NaN, 2, NaN]);
  assert.equal([part.height, part.width], [2, 2]);
});

test('stretching scales the largest magnitude, or a quantile, to one', () => {
  assert.equal([...stretched(grey(1, 3, -4, 1, 2)).data], [-1, 0.25, 0.5]);
  assert.equal([...stretched(grey(1, 4, -4, 1, 2, NaN), 0.5).data], [-2, 0.5, 1, NaN]);
  assert.equal([...stretched(grey(1, 2, 0, 0)).data], [0, 0]);
});

test('pictures are cut out of a batch', () => {
  const images = Float32Array.from({ length: 24 }, (_, i) => i);
  assert.equal(
    [...pictureAt(images, 1, { ...square(2), channels: 3 }).data],
    [12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23],
  );
});

test('transparent pictures stand on white; signed numbers lose their alpha', async () => {
  // Premultiplied: half transparent red, and nothing.
  const data = Float32Array.from([128, 0, 0, 128, 0, 0, 0, 0], (byte) => byte / 127.5 - 1);
  const shape = { width: 2, height: 1, channels: 4 } as const;
  const png = await drawSheet([{ groups: [[{ ...shape, data }]] }], 1);
  const { data: bytes, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const at = 8 * info.width * 3 + 8 * 3;
  assert.equal([...bytes.subarray(at, at + 6)], [255, 127, 127, 255, 255, 255]);
  const signed = stretched({ ...shape, data: Float32Array.of(1, -2, 0, 9, 0, 0, 0.5, -9) });
  assert.equal([signed.channels, ...signed.data], [3, 0.5, -1, 0, 0, 0, 0.25]);
});

test.run();
