// Distances between sets of features against NumPy 2.4 and SciPy 1.17, on features that both make alike (oracle-features.ts).
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../runtime-web/format/random.ts';
import { classScore } from '../../trainer/metrics/class-score.ts';
import { frechetDistance } from '../../trainer/metrics/frechet.ts';
import { kernelDistance } from '../../trainer/metrics/kernel-distance.ts';
import { MomentSums, type FeatureMoments } from '../../trainer/metrics/moments.ts';
import { nearestImages } from '../../trainer/metrics/nearest.ts';
import { precisionRecall } from '../../trainer/metrics/precision-recall.ts';
import { firstRows, openProducts, type FeatureRows } from '../../trainer/metrics/products.ts';
import { failure } from '../shared/failure.ts';
import { oracleFeatures } from './oracle-features.ts';

const test = suite('distances between sets of features');
const a = oracleFeatures(1, 60, 5, 0);
const b = oracleFeatures(7, 50, 5, 0.25);
const products = await openProducts(1);
test.after(() => products.dispose());

const near = (got: number, expected: number, tolerance: number, what = ''): void =>
  assert.ok(Math.abs(got - expected) <= tolerance, `${what} got ${got}, expected ${expected}`);
const moments = async (rows: FeatureRows): Promise<FeatureMoments> => {
  const sums = new MomentSums(products, rows.dim);
  await sums.add(rows.data);
  return sums.finish();
};

test('the features are those that Python made', () => {
  const expected = [0.5112944, -0.33280918, -0.68165636, 0.45116448, 0.59117675];
  expected.forEach((value, i) => near(a.data[i]!, value, 1e-7));
});

test('moments are np.mean and np.cov, for every batch size', async () => {
  const whole = await moments(a);
  const sums = new MomentSums(products, 5);
  for (const [first, end] of [
    [0, 1],
    [1, 37],
    [37, 60],
  ] as const) {
    await sums.add(a.data.subarray(first * 5, end * 5));
  }
  const pieces = await sums.finish();
  for (let i = 0; i < 25; i++) near(pieces.covariance[i]!, whole.covariance[i]!, 1e-14);
  const mean = (c: number): number => {
    let sum = 0;
    for (let i = 0; i < 60; i++) sum += a.data[i * 5 + c]!;
    return sum / 60;
  };
  let covariance = 0;
  for (let i = 0; i < 60; i++) {
    covariance += (a.data[i * 5 + 1]! - mean(1)) * (a.data[i * 5 + 3]! - mean(3));
  }
  near(whole.mean[3]!, mean(3), 1e-12);
  near(whole.covariance[1 * 5 + 3]!, covariance / 59, 1e-12);
});

test('moments far from zero keep their precision', async () => {
  const far = { ...a, data: a.data.map((value) => value + 4096) };
  // The features themselves are exact to about 2^-11 in float32.
  const [there, here] = [await moments(far), await moments(a)];
  for (let i = 0; i < 25; i++) near(there.covariance[i]!, here.covariance[i]!, 2e-3);
});

test("the Fréchet distance is SciPy's, also where a covariance has no full rank", async () => {
  near(await frechetDistance(products, await moments(a), await moments(b)), 0.4338985667525422, 1e-9);
  near(await frechetDistance(products, await moments(b), await moments(a)), 0.4338985667525422, 1e-9);
  near(
    await frechetDistance(products, await moments(firstRows(a, 4)), await moments(b)),
    0.7559096854098135,
    1e-7,
  );
  near(await frechetDistance(products, await moments(a), await moments(a)), 0, 1e-9);
});

test('for shifted and scaled normal sets the Fréchet distance follows the formula', async () => {
  const identity = Float64Array.from({ length: 9 }, (_, i) => Number(i % 4 === 0));
  const set = (mean: number, deviation: number): FeatureMoments => ({
    count: 10,
    dim: 3,
    mean: new Float64Array(3).fill(mean),
    covariance: identity.map((value) => value * deviation ** 2),
  });
  // 3 (2² + (3 - 1)²)
  near(await frechetDistance(products, set(0, 1), set(2, 3)), 3 * (4 + 4), 1e-9);
});

test('the kernel distance is the unbiased estimate over all pairs', async () => {
  const { kid } = await kernelDistance(products, firstRows(a, 50), b);
  near(kid, 0.22656733208049396, 1e-6);
});

/** Normal features with a common part, so that a few directions hold most of the spread, as in a network's features. */
function normalFeatures(random: Random, count: number, shift = 0): FeatureRows {
  const dim = 12;
  const noise = random.fillLatent(new Float32Array(count * (dim + 2)), 'normal');
  const data = Float32Array.from({ length: count * dim }, (_, at) => {
    const [row, column] = [Math.floor(at / dim) * (dim + 2), at % dim];
    const common = noise[row]! + Math.cos(column) * noise[row + 1]!;
    return 0.5 + shift + 0.6 * common + 0.4 * noise[row + 2 + column]!;
  });
  return { count, dim, data };
}

for (const count of [60, 300]) {
  test(`of 400 pairs of sets of ${count} from one distribution, the 95% interval holds 0 in 92 to 98%`, async () => {
    const random = new Random(5);
    const values: number[] = [];
    let [held, errors] = [0, 0];
    for (let pair = 0; pair < 400; pair++) {
      const { kid, kidStandardError } = await kernelDistance(
        products,
        normalFeatures(random, count),
        normalFeatures(random, count),
      );
      if (Math.abs(kid) <= 1.96 * kidStandardError!) held += 1;
      values.push(kid);
      errors += kidStandardError! / 400;
    }
    assert.ok(held >= 0.92 * 400 && held <= 0.98 * 400, `${held} of 400`);
    const spread = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / 400);
    assert.ok(Math.abs(errors / spread - 1) < 0.2, `reported ${errors}, true ${spread}`);
  });
}

test('of different distributions the standard error is the spread over new images', async () => {
  const random = new Random(6);
  const found: { kid: number; kidStandardError: number | null }[] = [];
  for (let pair = 0; pair < 200; pair++) {
    const [x, y] = [normalFeatures(random, 200), normalFeatures(random, 150, 0.5)];
    found.push(await kernelDistance(products, x, y));
  }
  const mean = (value: (one: (typeof found)[number]) => number): number =>
    found.reduce((sum, one) => sum + value(one), 0) / found.length;
  const truth = mean(({ kid }) => kid);
  const spread = Math.sqrt(mean(({ kid }) => (kid - truth) ** 2));
  const reported = mean(({ kidStandardError }) => kidStandardError!);
  assert.ok(Math.abs(reported / spread - 1) < 0.15, `reported ${reported}, true ${spread}`);
  const held = found.filter((one) => Math.abs(one.kid - truth) <= 1.96 * one.kidStandardError!).length;
  assert.ok(held >= 0.9 * 200, `${held} of 200`);
});

test('two images give a kernel distance without a standard error, four give both', async () => {
  const three = await kernelDistance(products, firstRows(a, 2), firstRows(b, 3));
  assert.ok(Number.isFinite(three.kid));
  assert.is(three.kidStandardError, null);
  const four = await kernelDistance(products, firstRows(a, 4), firstRows(b, 4));
  assert.ok(Number.isFinite(four.kidStandardError));
});

test("precision and recall are NumPy's, and show which of two sets is inside the other", async () => {
  const both = await precisionRecall(products, a, b);
  near(both.precision, 0.7333333333333333, 1e-12);
  near(both.recall, 0.64, 1e-12);
  const shrunk = { ...a, data: a.data.map((value) => value * 0.5) };
  const inside = await precisionRecall(products, shrunk, a);
  near(inside.precision, 1, 1e-12);
  near(inside.recall, 0.31666666666666665, 1e-12);
});

test("the class score is NumPy's, 1 for a single image, and at most the number of classes", () => {
  const logits = a.data.map((value) => value * 3);
  const { classScore: score, classScoreDeviation } = classScore(logits, 5);
  near(score, 1.4601448082914044, 1e-6);
  near(classScoreDeviation, 0.1881011931206002, 1e-6);
  near(classScore(new Float32Array(100).fill(2), 5, 2).classScore, 1, 1e-9);
  const sure = Float32Array.from({ length: 100 }, (_, i) => (i % 5 === Math.floor(i / 5) % 5 ? 80 : 0));
  near(classScore(sure, 5, 2).classScore, 5, 1e-6);
});

test('memorised images are nearer to real ones than those are to each other', async () => {
  const byHeart = { ...b, data: b.data.map((value) => value + 1e-3) };
  const found = await nearestImages(products, byHeart, b, { count: 3 });
  assert.ok(found.nearestRatio < 0.05, `${found.nearestRatio}`);
  for (const { image, nearest } of found.closest) assert.is(nearest[0]!.image, image);
  const fresh = await nearestImages(products, oracleFeatures(11, 50, 5, 0.25), b, { count: 3 });
  assert.ok(fresh.nearestRatio > 0.6 && fresh.nearestRatio < 1.6, `${fresh.nearestRatio}`);
});

test('sets that cannot be compared are refused by name', async () => {
  const other = oracleFeatures(3, 20, 4, 0);
  const bad = new MomentSums(products, 2);
  assert.match((await failure(bad.add(Float32Array.of(1, 2, NaN, 1)))).message, /image 1 has NaN at 0/);
  const none = new MomentSums(products, 3).finish();
  assert.match((await failure(none)).message, /got 0 images, expected at least 2/);
  for (const work of [
    async () => frechetDistance(products, await moments(a), await moments(other)),
    () => kernelDistance(products, a, other),
    () => precisionRecall(products, a, other),
    () => precisionRecall(products, firstRows(a, 3), b),
  ]) {
    try {
      await work();
      assert.unreachable();
    } catch (error) {
      assert.instance(error, RangeError);
    }
  }
});

test.run();
