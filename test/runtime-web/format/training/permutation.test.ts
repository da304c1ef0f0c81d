// The keyed permutation that shuffles without memory: it hits every index once.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Permutation } from '../../../../runtime-web/format/training/permutation.ts';

const test = suite('Permutation');

test('reaches every index once, for every count from 1 to 70 and some larger ones', () => {
  for (const count of [...Array.from({ length: 70 }, (_, i) => i + 1), 255, 256, 257, 1000, 65_537]) {
    const order = new Permutation(count, [count, 7]);
    const seen = new Set<number>();
    for (let i = 0; i < count; i++) seen.add(order.at(i));
    assert.is(seen.size, count);
    assert.ok(Math.max(...[...seen].slice(0, 1000)) < count && Math.min(...[...seen].slice(0, 1000)) >= 0);
  }
});

test('the same key gives the same order, another key another', () => {
  const first = (key: [number, number]): string =>
    Array.from({ length: 20 }, (_, i) => new Permutation(1000, key).at(i)).join();
  assert.is(first([1, 2]), first([1, 2]));
  assert.is.not(first([1, 2]), first([1, 3]));
  assert.is.not(first([1, 2]), first([2, 2]));
});

test('over many keys, every position leads everywhere equally often (chi-square below its 99.9% quantile)', () => {
  // 10 positions x 10 images, 20,000 keys: each row has 9 degrees of freedom, quantile 27.9; 12 rows leave a margin.
  const draws = 20_000;
  const counts = Array.from({ length: 10 }, () => new Array<number>(10).fill(0));
  for (let key = 0; key < draws; key++) {
    const order = new Permutation(10, [key, 99]);
    for (let i = 0; i < 10; i++) counts[i]![order.at(i)]! += 1;
  }
  for (const row of counts) {
    const chi = row.reduce((sum, n) => sum + (n - draws / 10) ** 2 / (draws / 10), 0);
    assert.ok(chi < 32, `chi-square ${chi.toFixed(1)}`);
  }
});

test('neighbours in the order are not neighbours in the set: their correlation is near 0', () => {
  const count = 50_000;
  const order = new Permutation(count, [5, 6]);
  const mean = (count - 1) / 2;
  let together = 0;
  let alone = 0;
  for (let i = 0; i + 1 < count; i++) {
    together += (order.at(i) - mean) * (order.at(i + 1) - mean);
    alone += (order.at(i) - mean) ** 2;
  }
  assert.ok(Math.abs(together / alone) < 0.02, `correlation ${together / alone}`);
});

test('a count or index out of range is a RangeError', () => {
  for (const count of [0, -1, 1.5, 2 ** 30 + 1]) {
    assert.throws(() => new Permutation(count, [1, 2]), /expected an integer in \[1, 2\^30\]/);
  }
  assert.throws(() => new Permutation(10, [1, 2]).at(10), /expected an integer in \[0, 10\)/);
});

test.run();
