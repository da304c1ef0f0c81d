// The WebAssembly kernel against a plain loop over doubles.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { kernelFor, lanes } from '../../trainer/data/resample-kernel.ts';

const test = suite('kernelFor()');

test('the sums of all lanes are those of a plain loop, to the bit, for every step and count', () => {
  const kernel = kernelFor(60, 40);
  for (let i = 0; i < kernel.values.length; i++) kernel.values[i] = Math.sin(i * 1.7) * 10 ** (i % 9);
  for (let i = 0; i < kernel.weights.length; i++) kernel.weights[i] = Math.cos(i * 2.3) / (1 + (i % 7));
  for (const [value, step, weight, count] of [
    [0, 1, 0, 1],
    [5, 1, 3, 37],
    [2, 3, 21, 19],
    [59, 4, 39, 1],
  ] as const) {
    const expected = Array.from({ length: lanes }, (_, lane) => {
      let sum = 0;
      for (let t = 0; t < count; t++) {
        sum += kernel.weights[weight + t]! * kernel.values[(value + t * step) * lanes + lane]!;
      }
      return sum;
    });
    kernel.sum(value, step, weight, count);
    assert.equal([...kernel.sums], expected, `${value} ${step} ${weight} ${count}`);
  }
});

test('its memory grows for longer lines', () => {
  const count = 100_000;
  const kernel = kernelFor(count, count);
  kernel.values.fill(0.5);
  kernel.weights.fill(2);
  kernel.sum(0, 1, 0, count);
  assert.equal([...kernel.sums], new Array<number>(lanes).fill(count));
});

test.run();
