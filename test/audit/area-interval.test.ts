// The area under the curve: its value against SciPy's mannwhitneyu, its interval against DeLong's definition over all pairs in NumPy
// (structural components, quantile of stats.norm).
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { areaWithInterval } from '../../trainer/audit/area-interval.ts';

const test = suite('intervals of areas under the curve');

/** Scores with ties: waves, rounded to one digit. */
const training = Float32Array.from({ length: 23 }, (_, i) => rounded(Math.sin(1 + 1.7 * i) * 1.2 + 0.5));
const heldOut = Float32Array.from({ length: 17 }, (_, i) => rounded(Math.sin(0.3 + 2.3 * i) * 1.1));

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

const near = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `got ${actual}, expected ${expected}`);

test('area and interval are those of Mann and Whitney and of DeLong', () => {
  const { value, low, high } = areaWithInterval(training, heldOut);
  near(value, 0.6867007672634271);
  near(low, 0.4687339044582428);
  near(high, 0.9046676300686114);
});

test('the sides change places with the area', () => {
  const { value, low, high } = areaWithInterval(heldOut, training);
  near(value, 1 - 0.6867007672634271);
  near(low, 1 - 0.9046676300686114);
  near(high, 1 - 0.4687339044582428);
});

test('sides that are apart have an interval of the smaller number of images, not of no width', () => {
  const { value, low, high } = areaWithInterval(Float32Array.of(3, 4, 5), Float32Array.of(1, 2));
  assert.equal([value, high], [1, 1]);
  // 0.005^(1/2): two of two successes.
  near(low, Math.sqrt(0.005));
});

test('one score is not enough', () => {
  assert.throws(() => areaWithInterval(Float32Array.of(1), heldOut), /got 1 and 17/);
});

test.run();
