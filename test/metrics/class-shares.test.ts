// Classes in the shares of data: exact to a few images at every length, in turn for equal counts.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { countsFor, labelByShares, mixText } from '../../trainer/metrics/class-shares.ts';

const test = suite('metrics/class-shares');

test('900 and 100 give nine of ten, and a class without images never occurs', () => {
  const labelOf = labelByShares([900, 0, 100]);
  for (const count of [50, 1000, 10_000]) {
    const seen = [0, 0, 0];
    for (let i = 0; i < count; i++) seen[labelOf(i)]! += 1;
    assert.is(seen[1], 0);
    assert.ok(Math.abs(seen[0]! - 0.9 * count) <= 3, `${seen.join(', ')}`);
  }
});

test('equal counts take turns', () => {
  const labelOf = labelByShares([5, 5, 5]);
  assert.equal(
    Array.from({ length: 7 }, (_, i) => labelOf(i)),
    [0, 1, 2, 0, 1, 2, 0],
  );
  assert.throws(() => labelByShares([0, 0]), /only zeros/);
});

test("the data's counts go by the model's names, else by position, else not at all", () => {
  const data = { names: ['dog', 'cat', 'bird'], counts: [1, 9, 4] };
  assert.equal(countsFor(['cat', 'dog'], data), [9, 1]);
  assert.equal(countsFor(['x', 'y', 'z'], data), [1, 9, 4]);
  assert.is(countsFor(['x', 'y'], data), null);
  assert.is(countsFor(['cat'], null), null);
  assert.is(mixText(['cat', 'dog'], [9, 1]), 'cat 90%, dog 10%');
});

test.run();
