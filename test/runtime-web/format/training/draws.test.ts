// States and inputs by their lists: kinds against their definitions, the order of the numbers, and what is refused.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LatentRandom, Random } from '../../../../runtime-web/format/random.ts';
import { EpochOrders } from '../../../../runtime-web/format/training/batch-order.ts';
import { drawInputs, type InputDraw } from '../../../../runtime-web/format/training/draws.ts';
import { drawState } from '../../../../runtime-web/format/training/initial-state.ts';

const test = suite('states and inputs by their lists');

test('entries are drawn in order, and a copy has data of its own', () => {
  const state = drawState(
    [
      { name: 'a', shape: [2, 2], initial: { kind: 'normal', mean: 1, deviation: 0.5 } },
      { name: 'b', shape: [3], initial: { kind: 'constant', value: 2 } },
      { name: 'c', shape: [2, 2], initial: { kind: 'copy', of: 'a' } },
      { name: 'd', shape: [2], initial: { kind: 'values', values: [16, 1] } },
      { name: 'e', shape: [1, 3], initial: { kind: 'unit' } },
    ],
    new LatentRandom(5),
  );
  const random = new LatentRandom(5);
  const normal = Array.from({ length: 7 }, () => random.normal());
  assert.equal(
    [...state['a']!.data],
    normal.slice(0, 4).map((value) => Math.fround(1 + 0.5 * value)),
  );
  assert.equal([...state['b']!.data], [2, 2, 2]);
  assert.equal(state['c']!.data, state['a']!.data);
  assert.is.not(state['c']!.data, state['a']!.data);
  assert.equal([...state['d']!.data], [16, 1]);
  const length = Math.hypot(...normal.slice(4));
  state['e']!.data.forEach((value, i) => assert.ok(Math.abs(value - normal[4 + i]! / length) < 1e-6));
  assert.throws(
    () => drawState([{ name: 'c', shape: [2], initial: { kind: 'copy', of: 'a' } }], random),
    "state entry 'c': got nothing to copy, expected 2 numbers",
  );
});

/** The inputs of draws, and the random numbers that follow them. */
function drawn(draws: readonly InputDraw[], stepNumber = 1) {
  const random = new Random(7);
  const inputs = drawInputs(draws, {
    ...{ random, stepNumber, conditioning: null, probability: 0, scalars: { update: 3 } },
    real: { images: Float32Array.of(1, 2), labels: null },
    shape: { width: 1, height: 1, channels: 1 },
    augmentation: null,
  });
  return { inputs, next: random.uniform() };
}

test('inputs have the values of their kinds, in the order of the list', () => {
  const { inputs, next } = drawn([
    { kind: 'images', inputs: { real: [2, 1, 1, 1] } },
    { kind: 'uniform', least: -1, most: 3, inputs: { z: [2, 2] } },
    { kind: 'scheduled', inputs: { update: [] } },
    { kind: 'dropout', rate: 0.5, inputs: { mask: [4] } },
    { kind: 'growth', resolution: 16, fade: { firstStep: 1, steps: 4 }, inputs: { growth: [2] } },
  ]);
  const random = new Random(7);
  const u = Array.from({ length: 9 }, () => random.uniform());
  assert.equal([...inputs['real']!.data], [1, 2]);
  assert.equal(
    [...inputs['z']!.data],
    u.slice(0, 4).map((value) => Math.fround(-1 + 4 * value)),
  );
  assert.equal([...inputs['update']!.data], [3]);
  assert.equal(
    [...inputs['mask']!.data],
    u.slice(4, 8).map((value) => (value < 0.5 ? 0 : 2)),
  );
  assert.equal([...inputs['growth']!.data], [16, 0.25]);
  assert.is(next, u[8]);
});

test('numbers of every n-th step are zeros in the others, for which nothing is drawn', () => {
  const draws: readonly InputDraw[] = [{ kind: 'normal', every: 4, inputs: { noise: [3] } }];
  assert.equal([...drawn(draws, 3).inputs['noise']!.data], [0, 0, 0]);
  assert.is(drawn(draws, 3).next, new Random(7).uniform());
  assert.ok(drawn(draws, 8).inputs['noise']!.data.every((value) => value !== 0));
});

test('a scalar that the schedule lacks, and labels that the batch lacks, are refused', () => {
  assert.throws(() => drawn([{ kind: 'scheduled', inputs: { rate: [] } }]), 'rate: got none');
  assert.throws(() => drawn([{ kind: 'condition', inputs: { condition: [2, 1] } }]), 'condition: got none');
});

test('an epoch shows each image once, a batch goes on into the next one, and a position repeats its batch', () => {
  const orders = new EpochOrders(3);
  let position = orders.start(10);
  const seen: number[] = [];
  for (let i = 0; i < 5; i++) {
    const { indices, isFlipped, after } = orders.batchAt(position, { batch: 4, flip: true });
    assert.equal(orders.batchAt(position, { batch: 4, flip: true }).indices, indices);
    assert.is(isFlipped.length, 4);
    seen.push(...indices);
    position = after;
  }
  for (const epoch of [seen.slice(0, 10), seen.slice(10)])
    assert.equal(
      epoch.toSorted((a, b) => a - b),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    );
  assert.equal([position.epoch, position.position], [1, 10]);
  assert.not.equal(seen.slice(0, 10), seen.slice(10));
});

test.run();
