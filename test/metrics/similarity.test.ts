// PSNR and SSIM: scikit-image's numbers.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { psnr } from '../../trainer/metrics/psnr.ts';
import { ssim, ssimMap } from '../../trainer/metrics/ssim.ts';
import { assertClose } from '../shared/closeness.ts';
import { restoringFixture, wave } from '../restoring/fixture.ts';

const test = suite('PSNR and SSIM');

for (const channels of [1, 3] as const) {
  const original = wave(40, [20, 20, channels], 0.7).data;
  const other = wave(41, [20, 20, channels], 0.2).data;
  const picture = Float32Array.from(original, (value, i) => 0.6 * value + other[i]!);
  const expected = restoringFixture.similarity[channels];

  test(`${channels} channels: they are scikit-image's`, () => {
    assertClose(ssimMap(picture, original, 20, channels), expected.ssim, 1e-5, 'ssim');
    assert.ok(Math.abs(psnr(picture, original, channels) - expected.psnr) < 1e-4);
    const mean = expected.ssim.reduce((sum, value) => sum + value, 0) / 400;
    assert.ok(Math.abs(ssim(picture, original, 20, channels) - mean) < 1e-5);
  });

  test(`${channels} channels: with a mask only its pixels count`, () => {
    const pixels = Float32Array.from({ length: 400 }, (_, i) => Number(i % 20 < 7));
    const mean = expected.ssim.filter((_, i) => i % 20 < 7).reduce((sum, value) => sum + value, 0) / 140;
    assert.ok(Math.abs(ssim(picture, original, 20, channels, pixels) - mean) < 1e-5);
    // Differences elsewhere do not count.
    const half = Float32Array.from(original, (value, i) => (Math.floor(i / channels) % 20 < 7 ? value : 0));
    assert.is(psnr(half, original, channels, pixels), Infinity);
    assert.ok(psnr(half, original, channels) < 20);
  });
}

test('a difference of one level of 255 everywhere is 48.13 dB', () => {
  // 20 log10(255), Wikipedia's and everybody's.
  const original = new Float32Array(64).fill(-0.5);
  const picture = original.map((value) => value + 2 / 255);
  assert.ok(Math.abs(psnr(picture, original, 1) - 48.1308) < 1e-3);
  assert.ok(Math.abs(ssim(original, original, 8, 1) - 1) < 1e-9);
});

test.run();
