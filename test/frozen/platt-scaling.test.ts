// Platt's scaling, against PyTorch's fits in float64 (scripts/fixtures/platt.py) and closed forms.
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fitPlattScaling, type PlattScaling } from '../../trainer/frozen/platt-scaling.ts';

const test = suite('fitPlattScaling()');

/** One case of the fixture. */
interface Case extends PlattScaling {
  readonly positive: readonly number[];
  readonly negative: readonly number[];
}
const cases = JSON.parse(readFileSync('test/fixtures/platt.json', 'utf8')) as Record<string, Case>;
const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));
const isClose = (found: number, expected: number, tolerance = 1e-9): boolean =>
  Math.abs(found - expected) <= tolerance * Math.max(1e-3, Math.abs(expected));

for (const [name, { positive, negative, scale, offset }] of Object.entries(cases)) {
  test(`${name}: the fit is PyTorch's`, () => {
    const found = fitPlattScaling(positive, negative);
    assert.ok(isClose(found.scale, scale), `scale: ${found.scale}, expected ${scale}`);
    assert.ok(isClose(found.offset, offset), `offset: ${found.offset}, expected ${offset}`);
  });
}

test('for two scores, the probability of each is the mean of its smoothed targets', () => {
  // 30 and 10 positive ones with the scores 5 and 2, 8 and 32 negative ones.
  const found = fitPlattScaling(
    [...new Array<number>(30).fill(5), ...new Array<number>(10).fill(2)],
    [...new Array<number>(8).fill(5), ...new Array<number>(32).fill(2)],
  );
  const [high, low] = [41 / 42, 1 / 42];
  assert.ok(isClose(sigmoid(found.scale * 5 + found.offset), (30 * high + 8 * low) / 38));
  assert.ok(isClose(sigmoid(found.scale * 2 + found.offset), (10 * high + 32 * low) / 42));
});

test('one score on each side is finite, and gives the smoothed targets', () => {
  const { scale, offset } = fitPlattScaling([1e6], [-1e6]);
  assert.ok(isClose(scale * 1e6 + offset, Math.log(2)), `${scale}, ${offset}`);
  assert.ok(isClose(scale * -1e6 + offset, -Math.log(2)));
});

test('the mean probability of a balanced set is a half, wherever the zero of the scores is', () => {
  const { positive, negative } = cases['both called real']!;
  for (const shift of [0, 50, -1e4]) {
    const [a, b] = [positive, negative].map((scores) => scores.map((score) => score + shift));
    const { scale, offset } = fitPlattScaling(a!, b!);
    const all = [...a!, ...b!].map((score) => sigmoid(scale * score + offset));
    const mean = all.reduce((sum, p) => sum + p, 0) / all.length;
    assert.ok(isClose(mean, 0.5), `${mean}`);
    assert.ok(isClose(scale, cases['both called real']!.scale, 1e-6));
  }
});

test('equal scores have no scale; lists without scores, NaN and infinities are refused', () => {
  assert.equal(fitPlattScaling([3, 3], [3, 3]), { scale: 0, offset: 0 });
  for (const [positive, negative] of [
    [[], [1]],
    [[1], []],
    [[1, NaN], [0]],
    [[1], [-Infinity]],
  ] as const) {
    assert.throws(() => fitPlattScaling(positive, negative), /expected finite numbers of both/);
  }
});

test.run();
