// Diversity of samples, on sets with a known value.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../../runtime-web/format/random.ts';
import { relativeDiversity } from '../../../../runtime-web/format/training/diversity.ts';
import type { HostTensor } from '../../../../trainer/graph/trace/graph.ts';

const test = suite('diversity');
const side = 16;

/** `count` images of 16x16x1 whose pixels `value` gives. */
function images(count: number, value: (image: number, x: number, y: number) => number): HostTensor {
  const data = new Float32Array(count * side * side);
  for (let i = 0; i < data.length; i++) {
    const [image, rest] = [Math.floor(i / (side * side)), i % (side * side)];
    data[i] = value(image, rest % side, Math.floor(rest / side));
  }
  return { shape: [count, side, side, 1], dtype: 'float32', data };
}

/** One half-plane a picture, at another angle each. */
const halfPlanes = (count: number, pictures = count): HostTensor =>
  images(count, (image, x, y) => {
    const angle = (2 * Math.PI * (image % pictures)) / pictures;
    return Math.cos(angle) * (x - 7.5) + Math.sin(angle) * (y - 7.5) > 0 ? 1 : -1;
  });

test('a set is as diverse as itself', () => {
  assert.ok(Math.abs(relativeDiversity(halfPlanes(64), halfPlanes(64)) - 1) < 1e-9);
});

test('repeating one image has none', () => {
  assert.is(relativeDiversity(halfPlanes(64, 1), halfPlanes(64)), 0);
});

test('repeating a few images has none, though their mean distance is large', () => {
  assert.is(relativeDiversity(halfPlanes(64, 8), halfPlanes(64)), 0);
});

test('noise over one picture counts for little', () => {
  const random = new Random(1);
  const noisy = images(64, (_, x) => (x > 7 ? 0.7 : -0.7) + 0.3 * (2 * random.uniform() - 1));
  assert.ok(relativeDiversity(noisy, halfPlanes(64)) < 0.35);
});

test('half the contrast is half the diversity', () => {
  const real = halfPlanes(64);
  const pale = { ...real, data: real.data.map((value) => value / 2) as Float32Array };
  assert.ok(Math.abs(relativeDiversity(pale, real) - 0.5) < 1e-6);
});

test('if all real images are equal the diversity is 1', () => {
  assert.is(relativeDiversity(halfPlanes(8), halfPlanes(8, 1)), 1);
});

test('a single image has no diversity', () => {
  assert.throws(() => relativeDiversity(halfPlanes(1), halfPlanes(8)), RangeError);
});

test.run();
