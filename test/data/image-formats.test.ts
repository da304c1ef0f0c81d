// Every format against the pixels that Pillow reads from the same file (a fixture, made by scripts/fixtures/formats.py).
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeWhole, inspectImage } from '../../trainer/data/image-file.ts';
import { formatOf } from '../../runtime-web/format/image-signature.ts';
import { isImageName, withoutImageEnding } from '../../trainer/data/image-format.ts';
import { BadImageError } from '../../trainer/data/source.ts';

interface Fixture {
  made: string;
  cases: {
    name: string;
    format: string;
    width: number;
    height: number;
    frames: number;
    allowed: number;
    lacksProfile: boolean;
    file: string;
    pixels: string;
  }[];
}

const fixture = JSON.parse(readFileSync('test/fixtures/formats.json', 'utf8')) as Fixture;
const test = suite('image formats');

for (const { name, format, width, height, frames, allowed, lacksProfile, file, pixels } of fixture.cases) {
  test(`${name}: within ${allowed} levels of ${fixture.made}`, async () => {
    const plain = Buffer.from(file, 'base64');
    const bytes = lacksProfile ? await withCmykProfile(plain) : plain;
    assert.is(formatOf(bytes), format);
    const facts = await inspectImage(bytes);
    assert.equal([facts.width, facts.height, facts.frames], [width, height, frames]);
    const ours = await decodeWhole(bytes);
    assert.equal([ours.width, ours.height], [width, height]);
    const theirs = Buffer.from(pixels, 'base64');
    assert.is(ours.pixels.length, theirs.length);
    const worst = ours.pixels.reduce((most, value, i) => Math.max(most, Math.abs(value - theirs[i]!)), 0);
    assert.ok(worst <= allowed, `worst difference ${worst}`);
  });
}

/** The JPEG with the segments of libvips' CMYK profile, which is too large for a fixture. */
async function withCmykProfile(jpeg: Buffer): Promise<Buffer> {
  const donor = await sharp(Buffer.alloc(3), { raw: { width: 1, height: 1, channels: 3 } })
    .toColourspace('cmyk')
    .withIccProfile('cmyk')
    .jpeg()
    .toBuffer();
  const segments: Buffer[] = [];
  for (let at = 2; donor[at + 1] !== 0xda; at += 2 + donor.readUInt16BE(at + 2)) {
    if (donor[at + 1] === 0xe2) segments.push(donor.subarray(at, at + 2 + donor.readUInt16BE(at + 2)));
  }
  assert.ok(segments.length > 0);
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);
}

async function reasonOf(bytes: Uint8Array): Promise<string> {
  const error = await decodeWhole(bytes).catch((caught: unknown) => caught);
  assert.instance(error, BadImageError);
  return (error as Error).message;
}

test('a BMP that is cut anywhere is refused with its reason', async () => {
  for (const { name, file } of fixture.cases.filter(({ format }) => format === 'BMP')) {
    const bytes = Buffer.from(file, 'base64');
    for (const length of [18, 25, 40, 53, 60, bytes.length >> 1, bytes.length - 8]) {
      assert.match(
        await reasonOf(bytes.subarray(0, length)),
        /^a (damaged )?BMP/,
        `${name} cut to ${length}`,
      );
    }
  }
});

test('a BMP of absurd size is refused before its pixels are allocated', async () => {
  const bytes = Buffer.from(fixture.cases.find(({ name }) => name === 'BMP, RLE8')!.file, 'base64');
  bytes.writeInt32LE(2_000_000, 18);
  bytes.writeInt32LE(2_000_000, 22);
  assert.is(await reasonOf(bytes), 'more than 100 megapixels');
  bytes.writeUInt32LE(9, 30);
  assert.match(await reasonOf(bytes), /^a BMP of compression 9, which/);
});

test('HEIC inside a file of any name is named, with the remedy', async () => {
  const heic = Buffer.concat([
    Buffer.from([0, 0, 0, 24]),
    Buffer.from('ftypheic\0\0\0\0mif1heic'),
    Buffer.alloc(40),
  ]);
  assert.is(formatOf(heic), 'HEIC');
  assert.match(await reasonOf(heic), /^a HEIC image, which this program does not read; convert it to JPEG$/);
});

test('a TIFF of floats is refused, because its numbers have no range', async () => {
  // Little-endian, one strip of one float: width, length, bits, compression, photometric, strip, rows, bytes, sample format.
  const entries = [
    [256, 3, 1], [257, 3, 1], [258, 3, 32], [259, 3, 1], [262, 3, 1], [273, 4, 8], [277, 3, 1], [278, 3, 1], [279, 4, 4], [339, 3, 3],
  ] as const; // prettier-ignore
  const tiff = Buffer.alloc(12 + 2 + entries.length * 12 + 4);
  tiff.write('II*\0', 0, 'latin1');
  tiff.writeUInt32LE(12, 4);
  tiff.writeFloatLE(0.5, 8);
  tiff.writeUInt16LE(entries.length, 12);
  entries.forEach(([tag, type, value], i) => {
    const at = 14 + 12 * i;
    tiff.writeUInt16LE(tag, at);
    tiff.writeUInt16LE(type, at + 2);
    tiff.writeUInt32LE(1, at + 4);
    tiff.writeUInt32LE(value, at + 8);
  });
  assert.match(
    await reasonOf(tiff),
    /^a TIFF of numbers \(float\) that are no levels; save it with 8 or 16 bits$/,
  );
});

test('names of every format are image names, and lose their ending', () => {
  for (const ending of ['png', 'JPG', 'jpeg', 'jfif', 'webp', 'gif', 'bmp', 'tif', 'TIFF', 'avif']) {
    assert.ok(isImageName(`a/b.${ending}`), ending);
    assert.is(withoutImageEnding(`a/b.${ending}`), 'a/b');
  }
  for (const name of ['a.svg', 'a.pdf', 'png', 'a.png.txt']) assert.not.ok(isImageName(name), name);
});

test.run();
