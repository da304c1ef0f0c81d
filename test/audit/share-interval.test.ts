// Intervals of shares, against SciPy's `binomtest(k, n).proportion_ci(0.99, 'exact')`, `stats.beta.ppf` and `special.betainc`.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { effectiveCount, incompleteBeta, shareInterval } from '../../trainer/audit/share-interval.ts';

const test = suite('intervals of shares');

const near = (actual: number, expected: number, what: string): void =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `${what}: got ${actual}, expected ${expected}`);

test('shareInterval() is the exact interval of Clopper and Pearson', () => {
  for (const [hits, count, low, high] of [
    [0, 20, 0, 0.23272950098858936],
    [20, 20, 0.7672704990114109, 1],
    [13, 20, 0.3434314157680787, 0.8861202367332678],
    [700, 1000, 0.6612727938088494, 0.7367940077520014],
    [512, 1000, 0.47080632830321273, 0.5530778489399388],
  ] as const) {
    const found = shareInterval(hits / count, count);
    near(found.low, low, `${hits} of ${count}`);
    near(found.high, high, `${hits} of ${count}`);
  }
});

test('a count may be a fraction', () => {
  const { low, high } = shareInterval(0.6, 37.5);
  near(low, 0.37914206143450024, 'low');
  near(high, 0.7950494497717688, 'high');
});

test('incompleteBeta() is regularised, on both sides of its turn', () => {
  near(incompleteBeta(0.3, 2.5, 4), 0.3521975859067672, '0.3');
  near(incompleteBeta(0.9, 300, 20), 0.007165489809358714, '0.9');
  near(incompleteBeta(0.01, 0.5, 7), 0.2874836298717217, '0.01');
});

test('effectiveCount() is the number of images if each is nearest as often, and 1 if one always is', () => {
  near(effectiveCount([5, 5, 5, 5]), 4, 'even');
  near(effectiveCount([0, 9, 0]), 1, 'one');
  near(effectiveCount([3, 1]), 1.6, '16 / 10');
});

test('shares out of range are refused', () => {
  assert.throws(() => shareInterval(1.1, 5), /share: got 1.1 of 5/);
  assert.throws(() => shareInterval(0.5, 0), /of 0/);
});

test.run();
