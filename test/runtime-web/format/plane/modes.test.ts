// The count of modes against one of another construction, and the mixtures' moments against their definitions.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  mixtureNames,
  mixtures,
  pointOf,
  type Modes,
} from '../../../../runtime-web/format/plane/mixtures.ts';
import { countModes, modesOf } from '../../../../runtime-web/format/plane/modes.ts';
import { Random } from '../../../../runtime-web/format/random.ts';

const test = suite('modes of points in the plane');

/** The count by complex numbers, sorted: as the definition reads, in another way than the code. */
function counted(points: readonly (readonly [number, number])[], { centres, reach }: Modes) {
  const near = centres.map(([cx, cy]) =>
    points.map(([x, y], i) => ((x - cx) ** 2 + (y - cy) ** 2 <= reach ** 2 ? i : -1)).filter((i) => i >= 0),
  );
  return {
    covered: near.filter(({ length }) => length * 100 >= points.length).length,
    onModes: new Set(near.flat()).size / points.length,
  };
}

for (const name of mixtureNames) {
  test(`${name}: points around some of the modes and elsewhere are counted as the definition counts them`, () => {
    const mixture = mixtures[name];
    const random = new Random(5);
    const chosen = mixture.centres.filter((_, k) => k % 3 !== 1);
    const points = Array.from({ length: 2000 }, (_, i): [number, number] => {
      const [x, y] = i % 5 === 0 ? [0.5, 0.45] : chosen[i % chosen.length]!;
      return [x + 0.5 * mixture.reach * random.normal(), y + 0.5 * mixture.reach * random.normal()];
    });
    const { covered, onModes, total, points: each } = countModes(points.flat(), mixture);
    const expected = counted(points, mixture);
    assert.is(covered, expected.covered);
    assert.ok(covered >= chosen.length - 1);
    assert.ok(Math.abs(onModes - expected.onModes) < 1e-12);
    assert.is(total, mixture.centres.length);
    assert.is(each.length, total);
  });

  test(`${name}: points of the mixture cover all of its modes, and have the moments of its definition`, () => {
    const count = 20_000;
    const points = Array.from({ length: count }, (_, i) => pointOf(name, i));
    const { covered, total, onModes } = countModes(points.flat(), mixtures[name]);
    assert.is(covered, total);
    // A Gaussian in the plane has 1 - exp(-9/2) of its points within three deviations.
    assert.ok(onModes > 0.985, `${onModes}`);
    const mean = (of: (x: number, y: number) => number): number =>
      points.reduce((sum, [x, y]) => sum + of(x, y), 0) / count;
    // Circles of radius 2 have 4; the grid's places -2 to 2 have 2 for each axis.
    const square = { eight: 4 + 2 * 0.02 ** 2, ring: 4 + 0.05 ** 2, grid: 4 + 2 * 0.05 ** 2 }[name];
    assert.ok(Math.abs(mean((x, y) => x * x + y * y) - square) < 0.06);
    assert.ok(Math.abs(mean((x) => x)) < 0.06 && Math.abs(mean((_, y) => y)) < 0.06);
  });
}

test('one in a hundred covers a mode, one less does not; no points cover none', () => {
  const [x, y] = mixtures.eight.centres[3]!;
  const points = (atMode: number): number[] =>
    Array.from({ length: 1000 }, (_, i) => (i < atMode ? [x, y] : [0, 0])).flat();
  assert.is(countModes(points(10), mixtures.eight).covered, 1);
  assert.is(countModes(points(9), mixtures.eight).covered, 0);
  assert.equal(countModes([], mixtures.eight), {
    points: Array(8).fill(0),
    covered: 0,
    total: 8,
    onModes: 0,
  });
});

test('modes of given points are points at least 0.5 apart, and every point is near one', () => {
  const random = new Random(2);
  const points = Array.from({ length: 400 }, () => 4 * random.uniform() - 2);
  const { centres, reach } = modesOf(points);
  assert.ok(centres.length > 20);
  for (const [i, [x, y]] of centres.entries())
    for (const [cx, cy] of centres.slice(0, i)) assert.ok(Math.hypot(x - cx, y - cy) > 0.5);
  for (let i = 0; i < points.length; i += 2)
    assert.ok(centres.some(([x, y]) => Math.hypot(points[i]! - x, points[i + 1]! - y) <= 2 * reach));
  assert.equal(modesOf([1, 1, 1.1, 1.1, 3, 3]).centres, [
    [1, 1],
    [3, 3],
  ]);
});

test.run();
