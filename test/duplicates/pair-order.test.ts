// The order of comparing: every pair once, and pictures that belong together near each other.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../runtime-web/format/random.ts';
import { neighboursTogether } from '../../trainer/duplicates/pair-order.ts';

const test = suite('neighboursTogether');

/** The maximum number of other images that are requested between two requests of the same image. */
function farthest(pairs: Uint32Array, order: Iterable<number>): number {
  const recent = new Map<number, true>();
  let most = 0;
  for (const pair of order) {
    for (const picture of [pairs[2 * pair]!, pairs[2 * pair + 1]!]) {
      const known = [...recent.keys()];
      if (recent.has(picture)) most = Math.max(most, known.length - known.indexOf(picture));
      recent.delete(picture);
      recent.set(picture, true);
    }
  }
  return most;
}

test('every pair comes once, of several groups, with pictures that are in none', () => {
  const pairs = Uint32Array.of(0, 9, 3, 4, 4, 9, 1, 6, 0, 3, 6, 7);
  const order = neighboursTogether(pairs, 12);
  assert.equal(Array.from(order).sort(), [0, 1, 2, 3, 4, 5]);
  // By hand: 0, its neighbours 9 and 3, their neighbour 4; then 1, 6, 7.
  assert.equal(Array.from(order), [0, 4, 1, 2, 3, 5]);
  assert.is(neighboursTogether(new Uint32Array(0), 3).length, 0);
});

test('with images along a line, numbered at random, each is needed for a short time only', () => {
  const length = 300;
  const numbers = new Random(2).shuffle(Array.from({ length }, (_, i) => i));
  // Each is paired with the next three.
  const along: number[] = [];
  for (let i = 0; i < length; i++) {
    for (let by = 1; by <= 3 && i + by < length; by++) along.push(numbers[i]!, numbers[i + by]!);
  }
  const pairs = Uint32Array.from(along);
  const order = neighboursTogether(pairs, length);
  assert.ok(farthest(pairs, order) <= 14, `${farthest(pairs, order)}`);
  const byNumber = Array.from(order).sort((a, b) => pairs[2 * a]! - pairs[2 * b]!);
  assert.ok(farthest(pairs, byNumber) > 150);
});

test.run();
