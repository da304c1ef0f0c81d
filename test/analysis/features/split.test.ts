// How images are shared out.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../runtime-web/format/random.ts';
import type { LabelledImages } from '../../../trainer/analysis/features/labelled-images.ts';
import { splitImages, type SplitOptions } from '../../../trainer/analysis/features/split.ts';

const test = suite('splitImages()');
/** 100 images of `few`, 300 of `many`. */
const images = {
  dataset: { name: 'toys' },
  names: ['few', 'many'],
  labels: Int32Array.from({ length: 400 }, (_, i) => Number(i % 4 !== 0)),
} as unknown as LabelledImages;

function split(options: Partial<SplitOptions> = {}, given = images) {
  return splitImages(given, {
    testShare: 0.2,
    heldOutShare: 0.1,
    labelsPerClass: null,
    limit: null,
    random: new Random(1),
    ...options,
  });
}

const perClass = (indices: Int32Array): number[] =>
  [0, 1].map((k) => indices.filter((i) => images.labels[i] === k).length);

test('every image is in one part, and each part has its share of each class, mixed', () => {
  const { fit, heldOut, test: tested } = split();
  assert.equal(
    [perClass(fit), perClass(heldOut), perClass(tested)],
    [
      [72, 216],
      [8, 24],
      [20, 60],
    ],
  );
  assert.is(new Set([...fit, ...heldOut, ...tested]).size, 400);
  // Mixed: the first 40 are of both classes.
  assert.ok(perClass(fit.slice(0, 40)).every((count) => count > 0));
});

test('a seed gives the same parts, another others', () => {
  assert.equal(split(), split());
  assert.not.equal(split(), split({ random: new Random(2) }));
});

test('with few labels the others choose C; with C given or a test part there are no such parts', () => {
  const { fit, heldOut, test: tested } = split({ labelsPerClass: 10 });
  assert.equal(
    [perClass(fit), perClass(heldOut), perClass(tested)],
    [
      [10, 10],
      [70, 230],
      [20, 60],
    ],
  );
  const given = split({ heldOutShare: 0, testShare: 0 });
  assert.equal([given.fit.length, given.heldOut.length, given.test.length], [400, 0, 0]);
  const few = split({ heldOutShare: 0, testShare: 0, labelsPerClass: 5 });
  assert.equal([few.fit.length, few.heldOut.length], [10, 0]);
});

test('of many others, 10,000 choose C', () => {
  const labels = Int32Array.from({ length: 30_000 }, (_, i) => i % 2);
  const { fit, heldOut } = split({ labelsPerClass: 50, testShare: 0 }, { ...images, labels });
  assert.equal([fit.length, heldOut.length], [100, 10_000]);
});

test('a limit takes the same share of each class, the test part aside', () => {
  const { fit, heldOut, test: tested } = split({ limit: 200 });
  assert.equal(
    [perClass(fit), perClass(heldOut), perClass(tested)],
    [
      [36, 108],
      [4, 12],
      [20, 60],
    ],
  );
});

test('a class with too few images is named, with what it needs', () => {
  const labels = Int32Array.from({ length: 40 }, (_, i) => Number(i > 1));
  const poor = { ...images, labels };
  for (const [options, message] of [
    [
      {},
      "data toys: class 'few' has 2 images, expected at least 1 to learn from and 1 to choose C by and 1 to test on",
    ],
    [
      { labelsPerClass: 2, testShare: 0 },
      "data toys: class 'few' has 2 images, expected at least 2 to learn from and 1 to choose C by",
    ],
    [
      { limit: 2, testShare: 0, heldOutShare: 0 },
      "data toys: class 'few' has 2 images (0 with --limit 2), expected at least 1 to learn from",
    ],
  ] as const) {
    try {
      split(options, poor);
      assert.unreachable();
    } catch (error) {
      assert.is((error as Error).message, message);
    }
  }
});

test.run();
