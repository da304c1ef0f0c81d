// Comparing two images: alignment, difference, decision, groups.
import sharp, { type Sharp } from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../runtime-web/format/random.ts';
import { drawAvatarPixels } from './pictures.ts';
import { align, placed } from '../../trainer/duplicates/alignment.ts';
import { gaussianBlur } from '../../trainer/duplicates/blur.ts';
import { decidePairs } from '../../trainer/duplicates/decide-pairs.ts';
import { difference } from '../../trainer/duplicates/difference.ts';
import type { FoundPair } from '../../trainer/duplicates/find-pairs.ts';
import { groupPairs } from '../../trainer/duplicates/group-pairs.ts';
import { brightnessOf, preparePicture } from '../../trainer/duplicates/picture.ts';
import { views, viewInto } from '../../trainer/duplicates/views.ts';

const test = suite('comparing pictures');
const size = 32;
const pictures = await drawAvatarPixels(12, 64);
/** [32, 32, 3] of what sharp makes of a picture of 64x64. */
const small = async (pixels: Uint8Array, change: (image: Sharp) => Sharp): Promise<Uint8Array> => {
  const image = sharp(pixels, { raw: { width: 64, height: 64, channels: 3 } });
  const encoded = await change(image).png().toBuffer();
  return sharp(encoded).resize(size, size, { kernel: 'cubic' }).removeAlpha().raw().toBuffer();
};
const same = (image: Sharp): Sharp => image;

test('a Gaussian blur spreads a point as the normal distribution says, and keeps a constant', () => {
  const plane = new Float32Array(size * size);
  plane[16 * size + 16] = 1;
  const blurred = gaussianBlur(size, 1.5)(plane);
  const at = (x: number, y: number): number => blurred[(16 + y) * size + 16 + x]!;
  for (const [x, y] of [
    [1, 0],
    [0, 2],
    [2, 3],
  ] as const) {
    assert.ok(Math.abs(at(x, y) / at(0, 0) - Math.exp(-(x * x + y * y) / (2 * 1.5 ** 2))) < 1e-5);
  }
  const level = gaussianBlur(size, 2)(new Float32Array(size * size).fill(7));
  assert.ok(level.every((value) => Math.abs(value - 7) < 1e-5));
});

test('align() finds the scale and the shift by which a picture was moved', async () => {
  const random = new Random(3);
  const blur = gaussianBlur(size, 1.5);
  for (const pixels of pictures) {
    const plane = blur(brightnessOf(await small(pixels, same), 3));
    const scale = 1 + 0.1 * (random.uniform() - 0.5);
    const [right, down] = [2 * random.uniform() - 1, 2 * random.uniform() - 1];
    const moved = new Float32Array(plane.length);
    placed(plane, { scale, right, down }, moved);
    // The moved picture's pixels are found in the first one at that place.
    const found = align(moved, plane);
    assert.ok(Math.abs(found.scale - scale) < 0.02, `scale ${found.scale}, expected ${scale}`);
    assert.ok(Math.hypot(found.right - right, found.down - down) < 0.35, `${found.right}, ${right}`);
  }
});

test('difference() is small for copies of every kind and large for other pictures', async () => {
  const kinds: Readonly<Record<string, (image: Sharp) => Sharp>> = {
    same,
    smaller: (image) => image.resize(48, 48),
    cropped: (image) => image.extract({ left: 3, top: 1, width: 60, height: 60 }),
    darker: (image) => image.linear(0.7, 0),
    brighter: (image) => image.linear(1.3, 0),
    blurred: (image) => image.blur(1.2),
  };
  const originals = await Promise.all(
    pictures.map(async (pixels) => preparePicture(await small(pixels, same), 3)),
  );
  for (const [kind, change] of Object.entries(kinds)) {
    for (const [i, pixels] of pictures.entries()) {
      const copy = preparePicture(await small(pixels, change), 3);
      const own = difference(originals[i]!, copy);
      assert.ok(own < 0.2, `${kind} of ${i}: ${own}`);
      const others = originals.filter((_, other) => other !== i).map((other) => difference(other, copy));
      assert.ok(Math.min(...others) > 2 * own, `${kind} of ${i}: ${own}, another ${Math.min(...others)}`);
    }
  }
  assert.ok(difference(originals[0]!, originals[0]!) < 1e-9);
});

test('view 0 is the picture itself, and the others lie inside it', () => {
  const ramp = Uint8Array.from({ length: size * size }, (_, i) => 4 * (i % size));
  const view = new Float32Array(ramp.length);
  viewInto(ramp, 1, 0, view);
  assert.equal(Array.from(view), Array.from(ramp));
  for (let v = 1; v < views.length; v++) {
    viewInto(ramp, 1, v, view);
    const { side, right } = views[v]!;
    // A ramp of 4 a pixel: what is read tells from where.
    const middle = (view[15]! + view[16]!) / 8;
    assert.ok(Math.abs(middle - (15.5 + right)) < 1e-3, `view ${v}: ${middle}`);
    assert.ok(Math.abs((view[16]! - view[15]!) / 4 - side) < 1e-3);
  }
});

const pair = (first: number, second: number, by: number): FoundPair => ({
  first,
  second,
  difference: by,
  foundBy: ['semantic'],
});

test('a pair counts if it is nearly equal, or clearly nearer than its neighbours', () => {
  const pairs = [
    pair(0, 1, 0.2), // stands out: everything else is far
    pair(0, 2, 0.6),
    pair(1, 3, 0.7),
    ...[5, 6, 7, 8, 20, 21, 22, 23].map((other, i) => pair(4, other, 0.2 + i / 100)), // a crowd
    pair(30, 31, 0.15), // three copies, and nothing else near
    pair(30, 32, 0.2),
    pair(30, 33, 0.5),
    pair(9, 10, 0.05), // sure, whatever lies beside it
    pair(9, 11, 0.06),
    pair(9, 12, 0.07),
    pair(13, 14, 0.4), // too far, even alone
  ];
  const decided = decidePairs(pairs, { surely: 0.08, atMost: 0.25 });
  assert.equal(
    decided.map(({ first, second }) => [first, second]),
    [
      [0, 1],
      [30, 31],
      [30, 32],
      [9, 10],
      [9, 11],
      [9, 12],
    ],
  );
});

test('pairs that share images are one group, in every order', () => {
  const groups = groupPairs([pair(5, 9, 0), pair(2, 3, 0), pair(1, 9, 0), pair(3, 5, 0), pair(7, 8, 0)]);
  assert.equal(
    groups.map(({ members }) => members),
    [
      [1, 2, 3, 5, 9],
      [7, 8],
    ],
  );
  assert.equal(
    groups.map(({ pairs }) => pairs.length),
    [4, 1],
  );
});

test.run();
