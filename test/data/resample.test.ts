// Resizing against Pillow's numbers (a fixture, made by scripts/fixtures/resize.py).
import {
  square,
  type Channels,
  type ImageShape,
  type ImageSize,
} from '../../runtime-web/format/image-shape.ts';
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { centralBox } from '../../runtime-web/format/crop-box.ts';
import { premultiply } from '../../runtime-web/format/premultiply.ts';
import { toGrey } from '../../runtime-web/format/grey.ts';
import { framer, type FitName } from '../../trainer/data/framing.ts';
import { resampler, wholeResampler, type ResampleName, type Resampler } from '../../trainer/data/resample.ts';

interface Fixture {
  made: string;
  cases: {
    width: number;
    height: number;
    channels: Channels;
    to: [width: number, height: number];
    fit: FitName;
    filter: ResampleName;
    pixels: string;
    resized: string;
  }[];
  grey: { pixels: string; grey: string };
}

const fixture = JSON.parse(readFileSync('test/fixtures/pillow-resize.json', 'utf8')) as Fixture;
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
const test = suite('resampler()');

/** The middle of images in a size's shape, resized to it. */
const middleOf = (image: ImageShape, to: ImageSize): Resampler => resampler(image, centralBox(image, to), to);

for (const { width, height, channels, to, fit, filter, pixels, resized } of fixture.cases) {
  test(`${width}x${height}x${channels} to ${to.join('x')}, ${fit}: within one level of ${fixture.made}'s ${filter}`, async () => {
    const framing = { fit, focus: 'centre', resample: filter, background: '#ff8000' };
    const target = { width: to[0], height: to[1] };
    const given = channels === 4 ? premultiply(bytesOf(pixels)) : bytesOf(pixels);
    const ours = await framer({ width, height, channels }, target, framing)(given);
    const theirs = bytesOf(resized);
    assert.is(ours.length, theirs.length);
    const worst = ours.reduce((most, value, i) => Math.max(most, Math.abs(value - theirs[i]!)), 0);
    assert.ok(worst <= 1, `worst difference ${worst}`);
  });
}

test('an image of the wanted size is only cropped: columns 1 to 4 of 6', () => {
  const pixels = Uint8Array.from({ length: 6 * 4 }, (_, i) => i);
  const expected = [1, 2, 3, 4, 7, 8, 9, 10, 13, 14, 15, 16, 19, 20, 21, 22];
  assert.equal([...middleOf({ width: 6, height: 4, channels: 1 }, square(4))(pixels)], expected);
});

test('a plain colour stays that colour at every size', () => {
  for (const size of [1, 3, 16, 100]) {
    const out = middleOf({ width: 10, height: 7, channels: 3 }, square(size))(new Uint8Array(210).fill(201));
    assert.ok(out.every((value) => value === 201));
  }
});

test('one resampler serves many images without mixing them', () => {
  const resample = wholeResampler({ ...square(8), channels: 1 }, square(16));
  const black = resample(new Uint8Array(64));
  const white = resample(new Uint8Array(64).fill(255));
  assert.ok(black.every((value) => value === 0) && white.every((value) => value === 255));
});

test(`toGrey() is ${fixture.made}'s luma, to the bit`, () => {
  assert.equal([...toGrey(bytesOf(fixture.grey.pixels))], [...bytesOf(fixture.grey.grey)]);
});

test.run();
