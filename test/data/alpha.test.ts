// Transparency on its way from a file to networks and back: premultiplied there, straight in files.
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { straightByte } from '../../runtime-web/format/straight-byte.ts';
import { premultiply } from '../../runtime-web/format/premultiply.ts';
import { defaultFraming } from '../../trainer/data/framing.ts';
import { decodeImage } from '../../trainer/data/image-file.ts';
import { inChannels } from '../../runtime-web/format/in-channels.ts';
import { gridPng, layGrid } from '../../trainer/pictures/grid.ts';
import { toFloats } from '../../trainer/pictures/pixels.ts';

const test = suite('alpha');

test('premultiplied bytes are the rounded products', () => {
  const pixels = new Uint8Array(256 * 256 * 4);
  for (let value = 0; value < 256; value++) {
    for (let alpha = 0; alpha < 256; alpha++)
      pixels.set([value, 255 - value, 7, alpha], 4 * (256 * value + alpha));
  }
  const found = premultiply(pixels);
  for (let i = 0; i < found.length; i++) {
    const expected = i % 4 === 3 ? pixels[i]! : Math.round((pixels[i]! * pixels[i - (i % 4) + 3]!) / 255);
    assert.is(found[i], expected);
  }
});

test('straight bytes divide by alpha, are clamped, and are 0 where nothing is seen', () => {
  const float = (byte: number): number => byte / 127.5 - 1;
  assert.is(straightByte(float(100), float(200)), Math.round((100 * 255) / 200));
  assert.is(straightByte(float(200), float(100)), 255);
  assert.is(straightByte(-1.5, float(100)), 0);
  assert.is(straightByte(float(77), float(255)), 77);
  assert.is(straightByte(0.5, float(0.4)), 0);
  assert.is(straightByte(float(77), 1.5), 77);
});

test('a transparent PNG comes back from the networks within the rounding of its alpha', async () => {
  const pixels = new Uint8Array(16 * 24 * 4);
  for (let i = 0; i < 16 * 24; i++) pixels.set([i % 256, (3 * i) % 256, (7 * i) % 256, (5 * i) % 256], 4 * i);
  const png = await sharp(pixels, { raw: { width: 16, height: 24, channels: 4 } })
    .png()
    .toBuffer();
  const read = await decodeImage(png, { width: 16, height: 24, channels: 4 });
  assert.equal(read, premultiply(pixels));
  const file = await gridPng(layGrid({ shape: [1, 24, 16, 4], dtype: 'float32', data: toFloats(read) }, 1));
  const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
  assert.equal([info.width, info.height, info.channels], [16, 24, 4]);
  for (let i = 0; i < data.length; i += 4) {
    const alpha = pixels[i + 3]!;
    assert.is(data[i + 3], alpha);
    if (alpha === 0) continue;
    for (let c = 0; c < 3; c++) assert.ok(Math.abs(data[i + c]! - pixels[i + c]!) <= Math.ceil(128 / alpha));
  }
});

test('colours behind transparency have no weight, and bars are transparent', async () => {
  // Left half: red that nobody sees. Right half: opaque blue.
  const pixels = new Uint8Array(8 * 4 * 4);
  for (let i = 0; i < 32; i++) pixels.set(i % 8 < 4 ? [255, 0, 0, 0] : [0, 0, 255, 255], 4 * i);
  const png = await sharp(pixels, { raw: { width: 8, height: 4, channels: 4 } })
    .png()
    .toBuffer();
  const shape = { width: 16, height: 16, channels: 4 } as const;
  const padded = await decodeImage(png, shape, { ...defaultFraming, fit: 'pad' });
  assert.ok(
    padded.every((value, i) => i % 4 !== 0 || value === 0),
    'no red anywhere',
  );
  assert.equal([...padded.subarray(0, 4)], [0, 0, 0, 0]);
});

test('images without alpha become opaque', () => {
  assert.equal([...inChannels(Uint8Array.of(1, 2), 1, 4)], [1, 1, 1, 255, 2, 2, 2, 255]);
  assert.equal([...inChannels(Uint8Array.of(1, 2, 3), 3, 4)], [1, 2, 3, 255]);
  assert.equal([...inChannels(Uint8Array.of(9), 1, 3)], [9, 9, 9]);
});

test.run();
