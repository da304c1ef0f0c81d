// A list that stays short.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Thinned } from '../../../runtime-web/trainer-element/thinned.ts';

const test = suite('a thinned list');

test('keeps the first and the newest entry, its limit, and more of the beginning', () => {
  const list = new Thinned<{ readonly step: number }>(20);
  for (let step = 0; step <= 5000; step++) list.add({ step });
  const steps = list.entries.map((entry) => entry.step);
  assert.is(steps.length, 20);
  assert.is(steps[0], 0);
  assert.is(steps.at(-1), 5000);
  assert.equal(
    steps,
    [...steps].sort((a, b) => a - b),
  );
  assert.ok(steps.filter((step) => step < 1250).length >= 8, steps.join());
  const gaps = steps.slice(1).map((step, i) => Math.sqrt(step) - Math.sqrt(steps[i]!));
  // Evenly spread over the square roots: no gap is many times the mean.
  assert.ok(Math.max(...gaps) < 4 * (Math.sqrt(5000) / 19), gaps.join());
});

test('an entry of the same step takes the place of the last one', () => {
  const list = new Thinned<{ readonly step: number; readonly name: string }>(3);
  assert.is(list.add({ step: 1, name: 'a' }), null);
  assert.equal(list.add({ step: 1, name: 'b' }), { step: 1, name: 'a' });
  assert.equal(list.entries, [{ step: 1, name: 'b' }]);
});

test.run();
