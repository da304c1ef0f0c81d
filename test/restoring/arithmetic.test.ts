// Weights around a hole, luminance and chroma, noise, masks, and the baselines of restoring.
import { square } from '../../runtime-web/format/image-shape.ts';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../runtime-web/format/random.ts';
import { luminanceOf, withLuminance } from '../../runtime-web/format/restoring/colour.ts';
import { contextWeights } from '../../runtime-web/format/restoring/context-weights.ts';
import { finished, pixelWeights, type Degraded } from '../../runtime-web/format/restoring/finish.ts';
import { blendByNoise, noiseDeviation } from '../../runtime-web/format/restoring/noise.ts';
import { rateAt, termWeights } from '../../runtime-web/format/restoring/task.ts';
import type { Dataset } from '../../trainer/data/dataset.ts';
import { UserError } from '../../trainer/errors.ts';
import { psnr } from '../../trainer/metrics/psnr.ts';
import { nearestFill, nearestTraining, plainFill } from '../../trainer/restoring/baselines.ts';
import { withHoles, withNoise, withoutColour } from '../../trainer/restoring/degrade.ts';
import { boxMask, centreMask, checkMask, parseBox, randomMask } from '../../trainer/restoring/masks.ts';
import { assertClose } from '../shared/closeness.ts';
import { wave } from './fixture.ts';

const test = suite('arithmetic of restoring');
const { signal } = new AbortController();
const sum = (list: ArrayLike<number>): number => Array.from(list).reduce((total, value) => total + value, 0);
/** Smooth in space, as pictures are. */
const smooth = (side: number, channels: number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: side * side * channels }, (_, i) => {
    const [pixel, c] = [Math.floor(i / channels), i % channels];
    return 0.5 * Math.sin((pixel % side) / 5 + c) * Math.cos(Math.floor(pixel / side) / 7);
  });

test("a known pixel's weight is the missing share of the 7x7 window around it", () => {
  const side = 20;
  const mask = boxMask(square(side), { x: 8, y: 8, width: 4, height: 4 });
  const weights = contextWeights(mask, square(side));
  assert.is(weights[9 * side + 9], 0, 'missing');
  assert.is(weights[0], 0, 'far away');
  // Beside the hole's left edge, at (7, 9): the window is x 4…10, y 6…12; of the hole it holds 3 columns and 4 rows.
  assert.ok(Math.abs(weights[9 * side + 7]! - 12 / 48) < 1e-6);
  // Diagonally outside the corner, at (7, 7): 3 columns and 3 rows.
  assert.ok(Math.abs(weights[7 * side + 7]! - 9 / 48) < 1e-6);
  // In the corner of a picture of which the rest is missing, the window is cut off: 15 of its 16 pixels are others.
  const corner = new Float32Array(side * side).fill(1);
  corner[0] = 0;
  assert.is(contextWeights(corner, square(side))[0], 1);
});

test('masks have the requested shape and share', () => {
  assert.is(sum(centreMask(square(64), 0.25)), 32 * 32);
  const centre = centreMask(square(64), 0.4); // a side of 40.5
  assert.is(sum(centre), 40 * 40);
  assert.is(centre[12 * 64 + 12], 1);
  assert.is(centre[11 * 64 + 12], 0);
  assert.is(centre[51 * 64 + 51], 1);
  assert.is(centre[52 * 64 + 51], 0);
  const random = randomMask(square(20), 0.3, new Random(1));
  assert.is(sum(random), 120);
  assert.equal(random, randomMask(square(20), 0.3, new Random(1)));
  assert.not.equal(random, randomMask(square(20), 0.3, new Random(2)));
  assert.equal(parseBox('1, 2,3,4', square(16)), { x: 1, y: 2, width: 3, height: 4 });
});

test('impossible masks are refused', () => {
  for (const [text, message] of [
    ['1,2,3', /--box: got 1,2,3, expected x,y,width,height in whole pixels/],
    ['1,2,3,x', /expected x,y,width,height/],
    ['0,0,0,4', /a width and height from 1/],
    ['10,0,7,4', /a box inside the picture's 16x16 pixels/],
  ] as const) {
    assert.throws(
      () => parseBox(text, square(16)),
      (error: Error) => error instanceof UserError && message.test(error.message),
    );
  }
  assert.throws(() => checkMask(new Float32Array(9), '--mask m.png'), /--mask m\.png: nothing is masked/);
  assert.throws(() => checkMask(new Float32Array(9).fill(1), '--random'), /everything is masked/);
});

test("restored colour is the drawn picture's, and its luminance the known one's", () => {
  const grey = withoutColour(wave(3, [50, 3], 0.6).data as Float32Array);
  const drawn = wave(4, [50, 3], 0.9).data as Float32Array;
  const restored = withLuminance(grey, drawn);
  assertClose(luminanceOf(restored), luminanceOf(grey), 1e-5, 'luminance');
  assert.ok(restored.every((value) => Math.abs(value) <= 1 + 1e-6));
  const own = luminanceOf(drawn);
  for (let i = 0; i < 50; i++) {
    // The chroma points the same way, however pale.
    const [a, b] = [0, 1].map((c) => restored[3 * i + c]! - grey[3 * i]!) as [number, number];
    const [p, q] = [0, 1].map((c) => drawn[3 * i + c]! - own[i]!) as [number, number];
    assert.ok(Math.abs(a * q - b * p) < 1e-5, `pixel ${i}`);
    assert.ok(a * p >= -1e-6 && Math.hypot(a, b) <= Math.hypot(p, q) + 1e-5);
  }
});

test("noise is measured on any image; the image's own edges count little", () => {
  const clean = smooth(64, 3);
  assert.ok(noiseDeviation(clean, { ...square(64), channels: 3 }) < 0.005);
  for (const levels of [10, 25]) {
    const noisy = withNoise(clean, levels, new Random(1));
    const found = noiseDeviation(noisy, { ...square(64), channels: 3 }) * 127.5;
    assert.ok(Math.abs(found - levels) < 0.08 * levels, `${found} for ${levels}`);
  }
});

test('noise is removed, better with a closer generated image; without noise the image stays', () => {
  const clean = smooth(32, 3);
  const noisy = withNoise(clean, 30, new Random(2));
  const near = clean.map((value, i) => value + 0.02 * Math.sin(i / 40));
  const deviation = noiseDeviation(noisy, { ...square(32), channels: 3 });
  const by = (drawn: Float32Array): number =>
    psnr(blendByNoise(noisy, drawn, { ...square(32), channels: 3 }, deviation), clean, 3);
  const before = psnr(noisy, clean, 3);
  const plain = by(new Float32Array(clean.length));
  assert.ok(plain > before + 5, `${before} to ${plain}`);
  assert.ok(by(near) > plain, `${by(near)} with a near picture, ${plain} with none`);
  // A generated image that is entirely wrong does little harm, because large differences are kept.
  assert.ok(by(clean.map((value) => -value)) > before + 2);
  assertClose(blendByNoise(clean, near, { ...square(32), channels: 3 }, 0), clean, 1e-7, 'without noise');
  assertClose(
    blendByNoise(clean, near, { ...square(32), channels: 3 }, 1e-6),
    clean,
    1e-4,
    'with next to none',
  );
});

test('the rate falls from the whole to a fiftieth, and every task has its terms', () => {
  assert.is(rateAt(1, 100, 0.5), 0.5);
  assert.ok(Math.abs(rateAt(100, 100, 0.5) - 0.01) < 1e-9);
  assert.is(rateAt(1, 1, 0.5), 0.5);
  for (let i = 2; i <= 100; i++) assert.ok(rateAt(i, 100) < rateAt(i - 1, 100));
  assert.equal([termWeights('inpaint').colour, termWeights('inpaint').luminance], [1, 0]);
  assert.equal([termWeights('colourise').colour, termWeights('colourise').luminance], [0, 1]);
  assert.is(termWeights('denoise', 0.5).realism, 0.5);
});

/** Training images: noise but for the last, which is `picture`. */
function trainingImages(picture: Float32Array, side: number, channels: 1 | 3): Dataset {
  const count = 300;
  const random = new Random(9);
  const all = Uint8Array.from({ length: count * picture.length }, () => random.integer(256));
  all.set(
    Uint8Array.from(picture, (value) => Math.round((value + 1) * 127.5)),
    (count - 1) * picture.length,
  );
  return {
    ...square(side),
    channels,
    count,
    readInto: (indices: ArrayLike<number>, target: Uint8Array) => {
      Array.from(indices, (index, i) =>
        target.set(all.subarray(index * picture.length, (index + 1) * picture.length), i * picture.length),
      );
      return Promise.resolve();
    },
  } as unknown as Dataset;
}

for (const [task, channels] of [
  ['inpaint', 1],
  ['inpaint', 3],
  ['denoise', 3],
  ['colourise', 3],
] as const) {
  test(`${task}, ${channels} channels: the nearest training image is found by the known pixels only`, async () => {
    const side = 12;
    const original = smooth(side, channels);
    const mask = task === 'inpaint' ? centreMask(square(side), 0.3) : null;
    const picture = {
      inpaint: () => withHoles(original, mask!, channels),
      denoise: () => withNoise(original, 10, new Random(1)),
      colourise: () => withoutColour(original),
    }[task]();
    const degraded: Degraded = { task, picture, mask, ...square(side), channels };
    const dataset = trainingImages(original, side, channels);
    const [nearest] = await nearestTraining([degraded], dataset, 1000, signal);
    assert.ok(psnr(nearest!, original, channels) > 45);
    const [other] = await nearestTraining([degraded], dataset, 200, signal);
    assert.ok(psnr(other!, original, channels) < 20, 'among the first 200 it is not');
    const filled = nearestFill(degraded, nearest!);
    assert.ok(psnr(filled, original, channels) > 40);
    const weights = pixelWeights(degraded);
    assert.is(weights.length, side * side);
    // Finished with the original as the drawn picture, the original comes out (noise: nearly).
    assert.ok(psnr(finished(degraded, original), original, channels) > 33);
  });
}

test('plain fills: the mean of known colours, grey left grey', () => {
  const mask = Float32Array.of(0, 0, 1, 0);
  const picture = Float32Array.of(0.1, 0.2, 0.3, 0.5, 0.6, 0.7, 9, 9, 9, 0.3, 0.1, 0.2);
  const filled = plainFill({ task: 'inpaint', picture, mask, ...square(2), channels: 3 });
  assertClose(filled.slice(6, 9), [0.3, 0.3, 0.4], 1e-6, 'mean');
  assert.equal(filled.slice(0, 6), picture.slice(0, 6));
  const grey = plainFill({ task: 'colourise', picture, mask: null, ...square(2), channels: 3 });
  assert.equal(grey, picture);
});

test.run();
