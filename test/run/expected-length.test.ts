// Warnings about runs that are too short, and the images that a run by minutes is expected to show.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultConfig, type TrainConfig } from '../../trainer/config/fields.ts';
import { expectedLength, lengthWarnings } from '../../trainer/run/expected-length.ts';

const test = suite('expected length');
const onTwo = { isOnGpu: false, cores: 2 };
const byMinutes = (minutes: number, values: Partial<TrainConfig> = {}): TrainConfig => ({
  ...defaultConfig,
  ...{ steps: null, minutes, imageSize: 64 },
  ...values,
});

test('steps and images are counted exactly, with all batches of a step', () => {
  assert.equal(expectedLength({ ...defaultConfig, steps: 10, batch: 8, criticSteps: 5 }, onTwo), {
    images: 400,
    isEstimated: false,
  });
  const byImages = { ...defaultConfig, steps: null, images: 123 };
  assert.equal(expectedLength(byImages, onTwo), { images: 123, isEstimated: false });
});

test('minutes show images in proportion to time and cores, a quarter at twice the width, and are not known on a GPU', () => {
  const images = (minutes: number, values: Partial<TrainConfig> = {}, cores = 2): number =>
    expectedLength(byMinutes(minutes, values), { isOnGpu: false, cores })!.images;
  const one = images(1);
  assert.is(images(10), 10 * one);
  assert.is(images(1, {}, 8), 4 * one);
  assert.is(images(4, { baseWidth: 64 }), one);
  assert.is(images(4, { imageSize: 128 }), one);
  assert.is(expectedLength(byMinutes(1), { isOnGpu: true }), null);
});

test('a growing network shows more of its small images', () => {
  const style = { network: 'stylegan', growFrom: 8, growImages: 20_000 } as const;
  const whole = expectedLength(byMinutes(1, { ...style, growFrom: null }), onTwo)!.images;
  const growing = expectedLength(byMinutes(1, style), onTwo)!.images;
  assert.ok(growing > 2 * whole && growing < 8 * whole, `${growing} against ${whole}`);
});

test('a run that does not grow to its size is warned of, by steps or by the clock', () => {
  const style = { network: 'stylegan', growFrom: 8, growImages: 20_000 } as const;
  const warned = (config: TrainConfig): string =>
    lengthWarnings(config, expectedLength(config, onTwo)!, false).join('\n');
  assert.match(
    warned(byMinutes(2, style)),
    /64x64 after 120,?\d* images.*\(2 minutes show about [\d,]+ images\)/,
  );
  assert.match(warned({ ...byMinutes(1, style), minutes: null, steps: 20 }), /^the run ends while/);
  assert.is(warned(byMinutes(200, style)), '');
});

test('only a recipe is warned of few images, with a length that is enough', () => {
  const config = byMinutes(1);
  const length = { images: 18_123, isEstimated: true };
  assert.equal(lengthWarnings(config, length, false), []);
  const [warning] = lengthWarnings(config, length, true);
  assert.match(
    warning!,
    /shows about 18,000 images of 64x64, and .* take some 30,000: give --minutes 2 or more/,
  );
  assert.equal(lengthWarnings(config, { images: 30_000, isEstimated: true }, true), []);
});

test.run();
