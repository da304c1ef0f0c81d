// Crops of images, against pixels that are known and sharp's own crops; filters and bars are in resample.test.ts.
import { square } from '../../runtime-web/format/image-shape.ts';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { colourOf } from '../../trainer/data/colour.ts';
import { defaultFraming, framer, isFocus } from '../../trainer/data/framing.ts';
import { decodeImage } from '../../trainer/data/image-file.ts';

const test = suite('framer()');

/** Columns of an 8x2 image, numbered. */
const columns = Uint8Array.from({ length: 16 }, (_, i) => i % 8);
const cropAt = async (focus: string): Promise<number[]> => [
  ...(
    await framer({ width: 8, height: 2, channels: 1 }, square(2), { ...defaultFraming, focus })(columns)
  ).subarray(0, 2),
];

test('the square lies around the focus, as far as the image reaches', async () => {
  assert.equal(await cropAt('centre'), [3, 4]);
  assert.equal(await cropAt('0.5,0.5'), [3, 4]);
  assert.equal(await cropAt('0,0'), [0, 1]);
  assert.equal(await cropAt('0.25,1'), [1, 2]);
  assert.equal(await cropAt('0.75,.5'), [5, 6]);
  assert.equal(await cropAt('1,1'), [6, 7]);
});

for (const focus of ['attention', 'entropy'] as const) {
  for (const [width, height] of [
    [120, 40],
    [40, 120],
  ] as const) {
    test(`${focus} in ${width}x${height} crops where sharp does, which is where the content is`, async () => {
      // Flat grey with a patch of coloured noise towards one end.
      const pixels = new Uint8Array(width * height * 3).fill(128);
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const along = width > height ? x : y;
          if (along < 76 || along > 106) continue;
          for (let c = 0; c < 3; c++)
            pixels[(y * width + x) * 3 + c] = c === 0 ? 230 : (x * 7919 + y * 104729 + c * 31) % 200;
        }
      }
      const png = await sharp(pixels, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer();
      const ours = await decodeImage(png, { ...square(20), channels: 3 }, { ...defaultFraming, focus });
      const theirs = await sharp(png)
        .resize(20, 20, { fit: 'cover', position: sharp.strategy[focus], kernel: 'cubic' })
        .raw()
        .toBuffer();
      const centre = await decodeImage(png, { ...square(20), channels: 3 });
      const distance = (a: Uint8Array, b: Uint8Array): number =>
        a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
      assert.ok(
        distance(ours, theirs) < distance(centre, theirs) / 4,
        `${distance(ours, theirs)} of ${distance(centre, theirs)}`,
      );
    });
  }
}

test('transparency lies on the background, in every fit', async () => {
  const clear = await sharp(new Uint8Array(8 * 4 * 4), { raw: { width: 8, height: 4, channels: 4 } })
    .png()
    .toBuffer();
  for (const fit of ['crop', 'pad', 'stretch'] as const) {
    const out = await decodeImage(
      clear,
      { ...square(4), channels: 3 },
      { ...defaultFraming, fit, background: '#08f' },
    );
    assert.equal([...out], Array.from({ length: 16 }, () => [0, 136, 255]).flat(), fit);
  }
});

test('colours are words, three or six digits; a focus is a word or two fractions', () => {
  assert.equal(colourOf('#FF8000'), [255, 128, 0]);
  assert.equal(colourOf('#abc'), [0xaa, 0xbb, 0xcc]);
  assert.equal(colourOf('Black'), [0, 0, 0]);
  for (const text of ['', '#12', '#12345g', 'mauve', 'rgb(1,2,3)', 'constructor'])
    assert.is(colourOf(text), null, text);
  for (const text of ['centre', 'attention', 'entropy', '0,1', '0.5,.25']) assert.ok(isFocus(text), text);
  for (const text of ['', 'center', '2,0', '0.5', '-0.1,0', 'a,b', ',', '.,.'])
    assert.not.ok(isFocus(text), text);
});

test.run();
