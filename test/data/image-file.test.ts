// Single image files: every format, rotation and transparency, and those that cannot be read.
import { square } from '../../runtime-web/format/image-shape.ts';
import { readFileSync } from 'node:fs';
import type { Sharp } from 'sharp';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { premultiply } from '../../runtime-web/format/premultiply.ts';
import { defaultFraming, framer } from '../../trainer/data/framing.ts';
import { decodeImage, decodeWhole, inspectImage } from '../../trainer/data/image-file.ts';
import { BadImageError } from '../../trainer/data/source.ts';

const test = suite('decodeImage()');
const raw = (width: number, height: number, channels: 1 | 3 | 4, pixels: Uint8Array): Sharp =>
  sharp(pixels, { raw: { width, height, channels } });
const ramp = Uint8Array.from({ length: 12 * 8 * 3 }, (_, i) => (i * 53) % 256);

async function isBad(bytes: Uint8Array, pattern: RegExp): Promise<void> {
  const error = await decodeImage(bytes, { ...square(8), channels: 3 }).then(
    () => null,
    (caught: unknown) => caught,
  );
  assert.instance(error, BadImageError);
  assert.match((error as Error).message, pattern);
}

test('PNG of the wanted size comes out to the bit, cropped to the middle', async () => {
  const png = await raw(12, 8, 3, ramp).png().toBuffer();
  const out = await decodeImage(png, { ...square(8), channels: 3 });
  for (let y = 0; y < 8; y++) {
    assert.equal([...out.subarray(y * 24, y * 24 + 24)], [...ramp.subarray(y * 36 + 6, y * 36 + 30)]);
  }
});

test('JPEG, WebP and GIF are read: a plain colour comes out within 3 levels', async () => {
  const plain = raw(
    40,
    30,
    3,
    Uint8Array.from({ length: 3600 }, (_, i) => [200, 100, 50][i % 3]!),
  );
  for (const bytes of [
    await plain.jpeg().toBuffer(),
    await plain.webp().toBuffer(),
    await plain.gif().toBuffer(),
  ]) {
    const out = await decodeImage(bytes, { ...square(16), channels: 3 });
    assert.is(out.length, 16 * 16 * 3);
    assert.ok(out.every((value, i) => Math.abs(value - [200, 100, 50][i % 3]!) <= 3));
  }
});

const fixture = JSON.parse(readFileSync('test/fixtures/decoding.json', 'utf8')) as {
  made: string;
  cases: { format: string; width: number; height: number; size: number; file: string; resized: string }[];
};
for (const { format, width, height, size, file, resized } of fixture.cases) {
  const allowed = format === 'JPEG' ? 6 : 2;
  test(`${format} of ${width}x${height} to ${size}: within ${allowed} levels of ${fixture.made}'s bicubic`, async () => {
    const ours = await decodeImage(Buffer.from(file, 'base64'), { ...square(size), channels: 3 });
    const theirs = Buffer.from(resized, 'base64');
    assert.is(ours.length, theirs.length);
    const worst = ours.reduce((most, value, i) => Math.max(most, Math.abs(value - theirs[i]!)), 0);
    assert.ok(worst <= allowed, `worst difference ${worst}`);
  });
}

test('an image narrower than wanted and taller is enlarged from its middle', async () => {
  // 4x12: white in the middle four rows only.
  const pixels = new Uint8Array(4 * 12 * 3);
  pixels.fill(255, 4 * 4 * 3, 8 * 4 * 3);
  const out = await decodeImage(await raw(4, 12, 3, pixels).png().toBuffer(), { ...square(8), channels: 3 });
  assert.ok(out.every((value) => value === 255));
});

test('EXIF orientation is obeyed', async () => {
  const pixels = new Uint8Array(16 * 16 * 3);
  pixels.fill(255, 0, 8 * 16 * 3); // white above
  const jpeg = await raw(16, 16, 3, pixels)
    .jpeg({ quality: 100 })
    .withMetadata({ orientation: 6 })
    .toBuffer();
  const out = await decodeImage(jpeg, { ...square(16), channels: 3 });
  const mean = (from: number): number => {
    let sum = 0;
    for (let y = 0; y < 16; y++) for (let x = from; x < from + 6; x++) sum += out[(y * 16 + x) * 3]!;
    return sum / 96;
  };
  assert.ok(mean(10) > 250 && mean(0) < 5, 'orientation 6 turns the top to the right');
});

test('only the part that the framing needs is decoded, upright, and to the same bits as the whole', async () => {
  const noise = Uint8Array.from({ length: 90 * 60 * 4 }, (_, i) => (i * 7919 + (i >> 5)) % 251);
  const image = raw(90, 60, 4, noise);
  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
    for (const encoded of [image.clone().jpeg(), image.clone().png(), image.clone().tiff()]) {
      const bytes = await encoded.withMetadata({ orientation }).toBuffer();
      const { pixels, ...size } = await decodeWhole(bytes);
      const layers = premultiply(await sharp(bytes).autoOrient().ensureAlpha().raw().toBuffer());
      for (const [focus, target] of [
        ['centre', square(16)],
        ['0.9,0.8', square(16)],
        ['centre', { width: 24, height: 10 }],
        ['0.1,0.3', { width: 9, height: 30 }],
      ] as const) {
        const framing = { ...defaultFraming, focus };
        for (const [channels, whole] of [
          [3, pixels],
          [4, layers],
        ] as const) {
          assert.equal(
            await decodeImage(bytes, { ...target, channels }, framing),
            await framer({ ...size, channels }, target, framing)(whole),
            `${orientation} ${focus} ${channels}`,
          );
        }
      }
    }
  }
  // A file that ends below the square is damaged all the same.
  const tall = await raw(60, 90, 4, noise).jpeg().toBuffer();
  await isBad(tall.subarray(0, tall.length * 0.95), /premature end/);
});

test('transparency lies on white, also in a palette and in grey', async () => {
  const clear = raw(8, 8, 4, new Uint8Array(256));
  for (const bytes of [
    await clear.png().toBuffer(),
    await clear.png({ palette: true }).toBuffer(),
    await clear.gif().toBuffer(),
    await clear.toColourspace('b-w').png().toBuffer(),
  ]) {
    assert.ok((await decodeImage(bytes, { ...square(8), channels: 3 })).every((value) => value === 255));
  }
});

test('16 bits become 8, and colour becomes grey by luma where one channel is wanted', async () => {
  const deep = await raw(8, 8, 3, new Uint8Array(192).fill(128)).toColourspace('rgb16').png().toBuffer();
  assert.is((await sharp(deep).metadata()).depth, 'ushort');
  assert.ok(
    (await decodeImage(deep, { ...square(8), channels: 3 })).every((value) => Math.abs(value - 128) <= 1),
  );
  const red = await raw(
    8,
    8,
    3,
    Uint8Array.from({ length: 192 }, (_, i) => (i % 3 === 0 ? 255 : 0)),
  )
    .png()
    .toBuffer();
  assert.equal([...new Set(await decodeImage(red, { ...square(8), channels: 1 }))], [76]);
});

test('16 bits with an embedded profile equal their 8-bit twin within 1 level, sRGB and Display P3', async () => {
  const colours = Uint8Array.from({ length: 192 }, (_, i) =>
    i < 96 ? (i % 3 === 0 ? 255 : 0) : (i * 53) % 256,
  );
  for (const profile of ['srgb', 'p3']) {
    const flat = await raw(8, 8, 3, colours).withIccProfile(profile).png().toBuffer();
    // Each byte twice is the same level in 16 bits, and the same profile is embedded in both.
    const wide = Uint16Array.from(
      await sharp(flat, { ignoreIcc: true }).raw().toBuffer(),
      (value) => value * 257,
    );
    const deep = await sharp(wide, { raw: { width: 8, height: 8, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    const embedded = withProfileOf(flat, deep);
    const { depth, hasProfile } = await sharp(embedded).metadata();
    assert.equal([depth, hasProfile], ['ushort', true]);
    for (const decode of [
      (bytes: Uint8Array) => decodeImage(bytes, { ...square(8), channels: 3 }),
      async (bytes: Uint8Array) => (await decodeWhole(bytes)).pixels,
    ]) {
      const [twin, ours] = [await decode(flat), await decode(embedded)];
      const worst = ours.reduce((most, value, i) => Math.max(most, Math.abs(value - twin[i]!)), 0);
      assert.ok(worst <= 1, `${profile}: worst difference ${worst}`);
    }
  }
});

test('of a moving GIF the first frame is taken', async () => {
  const frames = Buffer.concat([new Uint8Array(8 * 8 * 3).fill(255), new Uint8Array(8 * 8 * 3)]);
  const gif = await sharp(frames, { raw: { width: 8, height: 16, channels: 3, pageHeight: 8 } })
    .gif()
    .toBuffer();
  assert.is((await sharp(gif).metadata()).pages, 2);
  assert.ok((await decodeImage(gif, { ...square(8), channels: 3 })).every((value) => value > 250));
});

test('truncated, empty, foreign and absurdly large images are bad, each with its reason', async () => {
  const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919 + (i >> 5)) % 251);
  const jpeg = await raw(64, 64, 3, noise).jpeg().toBuffer();
  await isBad(jpeg.subarray(0, jpeg.length / 2), /premature end/);
  const png = await raw(64, 64, 3, noise).png().toBuffer();
  await isBad(png.subarray(0, png.length / 2), /read error/);
  const webp = await raw(64, 64, 3, noise).webp().toBuffer();
  await isBad(webp.subarray(0, webp.length / 2), /webp/);
  await isBad(new Uint8Array(0), /^empty file$/);
  await isBad(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'), /^none of PNG/);
  await isBad(Buffer.from('just a text'), /^none of PNG/);
  await isBad(pngOfSize(20_000, 20_000), /^more than 100 megapixels$/);
  await isBad(pngOfSize(2_000_000, 1), /^more than 1,000,000 pixels on a side$/);
});

test('decodeWhole() gives three channels at the own size, upright, or throws with the reason', async () => {
  const png = await raw(12, 8, 3, ramp).png().toBuffer();
  const whole = await decodeWhole(png);
  assert.equal([whole.width, whole.height], [12, 8]);
  assert.equal([...whole.pixels], [...ramp]);
  const lying = await raw(12, 8, 3, ramp).png().withMetadata({ orientation: 6 }).toBuffer();
  const upright = await decodeWhole(lying);
  assert.equal([upright.width, upright.height], [8, 12]);
  // The bottom left is now the top left.
  assert.equal([...upright.pixels.subarray(0, 3)], [...ramp.subarray(7 * 36, 7 * 36 + 3)]);
  const grey = await raw(12, 8, 1, ramp.subarray(0, 96)).toColourspace('b-w').png().toBuffer();
  assert.equal([...(await decodeWhole(grey)).pixels.subarray(0, 6)], [0, 0, 0, 53, 53, 53]);
  const deep = await raw(8, 8, 3, new Uint8Array(192).fill(128)).toColourspace('rgb16').png().toBuffer();
  assert.ok((await decodeWhole(deep)).pixels.every((value) => Math.abs(value - 128) <= 1));
  const clear = await raw(8, 8, 4, new Uint8Array(256)).png().toBuffer();
  assert.ok((await decodeWhole(clear)).pixels.every((value) => value === 255));

  const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919 + (i >> 5)) % 251);
  const jpeg = await raw(64, 64, 3, noise).jpeg().toBuffer();
  for (const [bytes, reason] of [
    [jpeg.subarray(0, jpeg.length / 2), 'damaged or incomplete'],
    [new Uint8Array(0), 'empty file'],
    [pngOfSize(20_000, 20_000), 'more than 100 megapixels'],
  ] as const) {
    const error = await decodeWhole(bytes).catch((caught: unknown) => caught);
    assert.instance(error, BadImageError);
    assert.is((error as Error).message, reason);
  }
});

test('inspectImage() tells the upright size, and grey from colour', async () => {
  const grey = await raw(12, 8, 1, ramp.subarray(0, 96)).toColourspace('b-w').png().toBuffer();
  const facts = { format: 'PNG', hasAlpha: false, frames: 1 };
  assert.equal(await inspectImage(grey), { ...facts, width: 12, height: 8, channels: 1 });
  const turned = await raw(12, 8, 3, ramp).jpeg().withMetadata({ orientation: 6 }).toBuffer();
  assert.equal(await inspectImage(turned), {
    ...facts,
    format: 'JPEG',
    width: 8,
    height: 12,
    channels: 3,
  });
});

/** A PNG that claims a size and has next to no pixels: its header is enough to refuse it. */
function pngOfSize(width: number, height: number): Buffer {
  const header = Buffer.from('89504e470d0a1a0a0000000d4948445200000000000000000802000000', 'hex');
  header.writeUInt32BE(width, 16);
  header.writeUInt32BE(height, 20);
  let crc = -1;
  for (const byte of header.subarray(12)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE((crc ^ -1) >>> 0);
  return Buffer.concat([header, sum, Buffer.from('0000000049444154', 'hex'), Buffer.alloc(100)]);
}

/** `target` with the iCCP chunk of `source`: both PNG. */
function withProfileOf(source: Buffer, target: Buffer): Buffer {
  const at = source.indexOf('iCCP') - 4;
  const chunk = source.subarray(at, at + source.readUInt32BE(at) + 12);
  return Buffer.concat([target.subarray(0, 33), chunk, target.subarray(33)]);
}

test.run();
