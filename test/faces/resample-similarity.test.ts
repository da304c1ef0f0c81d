// Turning, scaling and shifting in one step: Pillow's numbers where nothing is turned, closed forms where it is.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { squareAround } from '../../trainer/faces/geometry.ts';
import { resampleSimilarity, shareOutside } from '../../trainer/faces/resample-similarity.ts';
import { expected, picture } from './expected.ts';

const test = suite('resampleSimilarity()');

/** The picture of faces.py. */
const smooth = picture(120, 90, (x, y, c) => {
  const wave = Math.sin(x / (5 + c)) * Math.cos(y / (7 - c)) + Math.sin((x + 2 * y) / 9);
  return Math.min(255, Math.max(0, Math.floor(127 + 60 * wave)));
});

const furthest = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

test("without a turn, its numbers are Pillow's bicubic resize of the same box", () => {
  const { boxes, size, pixels } = expected.resized;
  boxes.forEach(([left, top, right, bottom], i) => {
    const map = squareAround([(left + right) / 2, (top + bottom) / 2], right - left, 0, size);
    // Pillow rounds between its two passes.
    assert.ok(furthest(resampleSimilarity(smooth, map, size), pixels[i]!) <= 1, `box ${i}`);
  });
});

test('the whole picture at its own size is the picture, and a quarter turn moves its pixels', () => {
  const noise = picture(40, 40, (x, y, c) => (x * 37 + y * 101 + c * 53 + ((x * y) % 17) * 9) % 256);
  assert.equal(resampleSimilarity(noise, squareAround([20, 20], 40, 0, 40), 40), noise.pixels);
  const turned = resampleSimilarity(noise, squareAround([20, 20], 40, Math.PI / 2, 40), 40);
  // Up in the result is right in the picture: row 0 shows the last column, from the top down.
  const wanted = picture(40, 40, (u, v, c) => noise.pixels[(u * 40 + (39 - v)) * 3 + c]!);
  assert.ok(furthest(turned, wanted.pixels) <= 1);
});

test('a turned and shrunken wave is the wave at the mapped places', () => {
  const wave = (x: number, y: number): number => 127 + 100 * Math.sin(x / 23) * Math.cos(y / 31);
  const photo = picture(300, 260, (x, y) => Math.round(wave(x + 0.5, y + 0.5)));
  for (const degrees of [15, -30, 160]) {
    const map = squareAround([150.3, 128.6], 120, (degrees * Math.PI) / 180, 40);
    const result = resampleSimilarity(photo, map, 40);
    for (let v = 0; v < 40; v++) {
      for (let u = 0; u < 40; u++) {
        const x = map.cos * (u + 0.5) - map.sin * (v + 0.5) + map.x;
        const y = map.sin * (u + 0.5) + map.cos * (v + 0.5) + map.y;
        const off = Math.abs(result[(v * 40 + u) * 3]! - wave(x, y));
        assert.ok(off <= 1.5, `${degrees} degrees, (${u}, ${v}): off by ${off}`);
      }
    }
  }
});

test('fine stripes that the result cannot hold become grey, turned or not', () => {
  const stripes = picture(400, 400, (x) => (x % 2 === 0 ? 255 : 0));
  for (const degrees of [0, 15, 45]) {
    const map = squareAround([200, 200], 200, (degrees * Math.PI) / 180, 40);
    const off = furthest(resampleSimilarity(stripes, map, 40), new Uint8Array(4800).fill(128));
    assert.ok(off <= 4, `${degrees} degrees: ${off} from grey`);
  }
});

test('beyond the border the picture is mirrored, or black', () => {
  const ramp = picture(20, 20, (x) => 10 * x);
  const map = squareAround([0, 10], 20, 0, 20);
  const mirrored = resampleSimilarity(ramp, map, 20);
  const row = Array.from({ length: 20 }, (_, u) => mirrored[(10 * 20 + u) * 3]);
  assert.equal(row, [90, 80, 70, 60, 50, 40, 30, 20, 10, 0, 0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
  const black = resampleSimilarity(
    picture(20, 20, () => 200),
    map,
    20,
    'black',
  );
  assert.equal([black[10 * 60], black[10 * 60 + 27], black[10 * 60 + 30]], [0, 0, 200]);
  // However far outside.
  const far = resampleSimilarity(ramp, squareAround([-1000, 3000], 50, 0.3, 8), 8);
  assert.ok(far.every((value) => value <= 190));
});

test('shareOutside() is the share of the area', () => {
  const photo = { width: 100, height: 80 };
  const share = (x: number, y: number, side: number, angle = 0): number =>
    shareOutside(photo, squareAround([x, y], side, angle, 64), 64);
  assert.is(share(50, 40, 60), 0);
  assert.is(share(0, 40, 60), 0.5);
  assert.is(share(0, 0, 60), 0.75);
  assert.is(share(-100, -100, 60), 1);
  assert.ok(Math.abs(share(50, 0, 40, Math.PI / 4) - 0.5) < 0.02);
});

test.run();
