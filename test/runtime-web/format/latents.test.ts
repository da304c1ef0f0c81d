// The arithmetic of latents against SciPy and closed forms; pages and the trainer both use it.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  between,
  jittered,
  latentOf,
  meanLatent,
  mix,
  sumOfMeans,
  usualJitter,
  usualPath,
} from '../../../runtime-web/format/latents.ts';
import { latentFromSeed } from '../../../runtime-web/format/random.ts';

const test = suite('latents');
const close = (got: ArrayLike<number>, wanted: readonly number[], tolerance = 1e-6): void => {
  assert.is(got.length, wanted.length);
  wanted.forEach((value, i) =>
    assert.ok(Math.abs(got[i]! - value) < tolerance, `[${i}]: ${got[i]}, ${value}`),
  );
};

test('slerp is SciPy’s, with linear interpolation of the length', () => {
  // c = np.array([1., 2, 3]); d = np.array([-2., .5, 1]); n = np.linalg.norm
  // scipy.spatial.geometric_slerp(c / n(c), d / n(d), .3) * (.7 * n(c) + .3 * n(d))
  const [c, d] = [Float32Array.of(1, 2, 3), Float32Array.of(-2, 0.5, 1)];
  close(mix(c, d, 0.3, 'slerp'), [-0.42640555742786396, 1.7515047947270124, 2.771941409289559]);
  close(
    mix(Float32Array.of(3, 0, 4, 0), Float32Array.of(0, 1, 0, 2), 0.25, 'slerp'),
    [2.3886075638077897, 0.7374504845647354, 3.1848100850770535, 1.4749009691294708],
  );
  close(mix(c, d, 0.3, 'linear'), [0.1, 1.55, 2.4]);
});

test('a walk begins and ends at its keyframes, and is a line if there is no circle', () => {
  const [a, b] = [latentFromSeed(3, 50, 'normal'), latentFromSeed(8, 50, 'normal')];
  const way = between(a, b, 7, 'slerp');
  assert.is(way.length, 7);
  close(way[0]!, [...a]);
  close(way[6]!, [...b]);
  const opposite = Float32Array.from(a, (value) => -value);
  close(mix(a, opposite, 0.5, 'slerp'), new Array<number>(50).fill(0));
  close(
    mix(a, new Float32Array(50), 0.5, 'slerp'),
    [...a].map((value) => value / 2),
  );
  for (const steps of [1, 2.5, 10_001]) assert.throws(() => between(a, b, steps, 'slerp'), /steps: got/);
});

test('a sum is the signed sum of its terms’ means', () => {
  const exemplars = [Float32Array.of(1, 2), Float32Array.of(3, 6)];
  close(meanLatent(exemplars), [2, 4]);
  const terms = [
    { sign: 1, exemplars },
    { sign: -1, exemplars: [Float32Array.of(10, 0)] },
    { sign: 1, exemplars: [Float32Array.of(0.5, 0.25)] },
  ] as const;
  close(sumOfMeans(terms, 2), [2 - 10 + 0.5, 4 + 0.25]);
  close(sumOfMeans([], 2), [0, 0]);
});

test('neighbours differ by uniform noise, the middle is the sum itself, and a seed repeats them', () => {
  const z = new Float32Array(1000);
  const nine = jittered(z, 0.25);
  assert.is(nine.length, 9);
  assert.is(nine[4], z);
  const values = nine.filter((_, i) => i !== 4).flatMap((each) => [...each]);
  assert.ok(values.every((value) => Math.abs(value) <= 0.25));
  // Uniform in ±0.25: a deviation of 0.25/√3.
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
  assert.ok(Math.abs(deviation - 0.25 / Math.sqrt(3)) < 0.003, `${deviation}`);
  assert.equal(jittered(z, 0.25), nine);
  assert.not.equal(jittered(z, 0.25, 2), nine);
  for (const scale of [-1, Infinity, NaN]) assert.throws(() => jittered(z, scale), /jitter: got/);
});

test('the noise is the same share of the spread for both kinds of latents, and each has its usual path', () => {
  assert.is(usualJitter('uniform'), 0.25);
  // The deviations of the two are 1/√3 and 1.
  assert.ok(Math.abs(usualJitter('normal') - usualJitter('uniform') * Math.sqrt(3)) < 1e-4);
  assert.is(usualPath('normal'), 'slerp');
  assert.is(usualPath('uniform'), 'linear');
});

test('all bits of a seed count: seeds that share their low half have latents of their own', () => {
  // 6541789803 had the latent of seed 0 when both halves were folded into one word.
  const seeds = [0, 1, 2 ** 32, 2 ** 32 + 1, 2 ** 33, 6541789803, 2 ** 52, Number.MAX_SAFE_INTEGER];
  const latents = seeds.map((seed) => latentFromSeed(seed, 64, 'normal'));
  for (const [i, one] of latents.entries()) {
    for (const other of latents.slice(0, i)) {
      const cosine = one.reduce((sum, value, k) => sum + value * other[k]!, 0) / Math.hypot(...one);
      assert.ok(Math.abs(cosine) / Math.hypot(...other) < 0.5, `${seeds[i]}: ${cosine}`);
    }
  }
});

test('the latents of small seeds stay as they were', () => {
  close(latentFromSeed(42, 3, 'uniform'), [-0.9625738263130188, 0.20837107300758362, 0.27951115369796753]);
  close(
    latentFromSeed(2 ** 32 - 1, 3, 'normal'),
    [-2.2101199626922607, -1.8226678371429443, -0.4303831458091736],
  );
});

test('an invalid latent is refused', () => {
  const model = { latent: { dim: 3, distribution: 'normal' } } as const;
  assert.equal(latentOf(model, 42), latentFromSeed(42, 3, 'normal'));
  for (const [source, message] of [
    [-1, /seed: got -1/],
    [2 ** 53, /seed: got 9007199254740992, expected a whole number from 0 to 9007199254740991/],
    [1.5, /seed: got 1.5/],
    [[1, 2], /z: got 2 numbers, expected 3/],
    [[1, NaN, 2], /z\[1\]: got NaN/],
  ] as const) {
    assert.throws(() => latentOf(model, source), message);
  }
});

test.run();
