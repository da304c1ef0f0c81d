// PSNR and SSIM: scikit-image's numbers, made by scripts/fixtures/similarity.py.
import { square } from '../../runtime-web/format/image-shape.ts';
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { psnr } from '../../trainer/metrics/psnr.ts';
import { ssim, ssimMap } from '../../trainer/metrics/ssim.ts';
import { assertClose } from '../shared/closeness.ts';
import { wave } from '../restoring/fixture.ts';

const test = suite('PSNR and SSIM');
/** The mean over pixels at least 5 from the border, the value around each pixel, and decibels. */
interface Figures {
  readonly ssim: number;
  readonly map: number[];
  readonly psnr: number;
}
const fixture = JSON.parse(readFileSync('test/fixtures/similarity.json', 'utf8')) as Readonly<
  Record<'1' | '3' | 'flat', Figures>
>;

for (const channels of [1, 3] as const) {
  const original = wave(40, [20, 20, channels], 0.7).data;
  const other = wave(41, [20, 20, channels], 0.2).data;
  const picture = Float32Array.from(original, (value, i) => 0.6 * value + other[i]!);
  const expected = fixture[channels];

  test(`${channels} channels: they are scikit-image's`, () => {
    assertClose(
      ssimMap(picture, original, { ...square(20), channels: channels }),
      expected.map,
      1e-5,
      'ssim',
    );
    assert.ok(Math.abs(psnr(picture, original, channels) - expected.psnr) < 1e-4);
    assert.ok(
      Math.abs(ssim(picture, original, { ...square(20), channels: channels }) - expected.ssim) < 1e-5,
    );
  });

  test(`${channels} channels: with a mask only its pixels count`, () => {
    const pixels = Float32Array.from({ length: 400 }, (_, i) => Number(i % 20 < 7));
    const counted = (isCounted: (row: number, column: number) => boolean): number => {
      const values = expected.map.filter((_, i) => isCounted(Math.floor(i / 20), i % 20));
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    };
    const inside = counted((row, column) => row >= 5 && row < 15 && column >= 5 && column < 7);
    assert.ok(
      Math.abs(ssim(picture, original, { ...square(20), channels: channels }, pixels) - inside) < 1e-5,
    );
    // A mask without a pixel away from the border: its own pixels count.
    const edge = Float32Array.from({ length: 400 }, (_, i) => Number(i % 20 < 3));
    const atEdge = counted((_, column) => column < 3);
    assert.ok(Math.abs(ssim(picture, original, { ...square(20), channels: channels }, edge) - atEdge) < 1e-5);
    // Differences elsewhere do not count.
    const half = Float32Array.from(original, (value, i) => (Math.floor(i / channels) % 20 < 7 ? value : 0));
    assert.is(psnr(half, original, channels, pixels), Infinity);
    assert.ok(psnr(half, original, channels) < 20);
  });
}

test('flat 126 against flat 130 is 0.9995, on the range 0 to 255', () => {
  const [a, b] = [126, 130].map((level) => new Float32Array(256).fill(level / 127.5 - 1)) as [
    Float32Array,
    Float32Array,
  ];
  assert.ok(
    Math.abs(ssim(a, b, { ...square(16), channels: 1 }) - fixture.flat.ssim) < 1e-5,
    `${ssim(a, b, { ...square(16), channels: 1 })}`,
  );
  assert.ok(Math.abs(fixture.flat.ssim - 0.9995) < 1e-4);
  assert.ok(Math.abs(psnr(a, b, 1) - fixture.flat.psnr) < 1e-3);
});

test('a difference of one level of 255 everywhere is 48.13 dB', () => {
  // 20 log10(255), Wikipedia's and everybody's.
  const original = new Float32Array(64).fill(-0.5);
  const picture = original.map((value) => value + 2 / 255);
  assert.ok(Math.abs(psnr(picture, original, 1) - 48.1308) < 1e-3);
  assert.ok(Math.abs(ssim(original, original, { ...square(8), channels: 1 }) - 1) < 1e-9);
});

test.run();
