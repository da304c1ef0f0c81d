// Logistic regression against scikit-learn's, and rows without a solution.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fitLogistic, scoreOf } from '../../../trainer/analysis/filters/logistic-regression.ts';
import { assertClose } from '../../shared/closeness.ts';

const test = suite('fitLogistic()');
const width = 4;
const rows = 60;
const features = Float64Array.from({ length: rows * width }, (_, i) =>
  Math.sin(1.7 * i + ((0.3 * i * i) % 5)),
);
const isPositive = Array.from({ length: rows }, (_, i) => {
  const [a, b, c] = features.subarray(i * width, (i + 1) * width);
  return 1.5 * a! - 2 * b! + 0.5 * c! + 0.4 + 1.2 * Math.sin(i * 2.3) > 0;
});

// scikit-learn 1.9.1, with X = np.sin(1.7 * i + 0.3 * i * i % 5).reshape(60, 4), i = np.arange(240), and
// y = X @ [1.5, -2, 0.5, 0] + 0.4 + 1.2 * np.sin(np.arange(60) * 2.3) > 0:
// m = LogisticRegression(C=C, tol=1e-12, max_iter=10000).fit(X, y); print(m.coef_, m.intercept_, m.predict_proba(X[:1]))
const expected = [
  [
    1,
    [1.855479673886012, -2.051133380516343, 0.6605881766964078, 0.5206538759024665],
    0.4393436527842529,
    0.17332091198909952,
  ],
  [
    0.05,
    [0.26695388032674344, -0.40998906167791516, 0.19531416351332875, 0.17480901063349613],
    -0.13744809627816218,
    0.3705687496053857,
  ],
  [
    100,
    [6.694383050029924, -6.564042379548138, 1.423826314065494, 1.231951973500105],
    1.4063769899698255,
    0.00860324112234646,
  ],
] as const;

test('weights, intercept and probabilities are scikit-learn’s, whatever the penalty', () => {
  assert.is(isPositive.filter(Boolean).length, 26);
  for (const [C, weights, intercept, probability] of expected) {
    const model = fitLogistic({ features, isPositive, width }, { C, tolerance: 1e-10 });
    assertClose(model.weights, weights, 1e-6, `weights for C = ${C}`);
    assertClose([model.intercept], [intercept], 1e-5, `intercept for C = ${C}`);
    const found = 1 / (1 + Math.exp(-scoreOf(model, features.subarray(0, width))));
    assertClose([found], [probability], 1e-5, `probability for C = ${C}`);
  }
});

test('the default tolerance is near enough, and takes few evaluations', () => {
  const model = fitLogistic({ features, isPositive, width });
  assertClose(model.weights, expected[0][1], 1e-4, 'weights');
  assert.ok(model.evaluations < 40, `${model.evaluations}`);
});

test('separable rows have finite weights, because the penalty bounds them', () => {
  const model = fitLogistic({
    features: Float64Array.of(-1000, -1, 1, 1000),
    isPositive: [false, false, true, true],
    width: 1,
  });
  assert.ok(model.weights[0]! > 0 && model.weights[0]! < 10, `${model.weights[0]}`);
});

test('a constant feature has weight 0', () => {
  const padded = Float64Array.from({ length: rows * 2 }, (_, i) =>
    i % 2 === 0 ? features[(i / 2) * width]! : 0,
  );
  assert.is(fitLogistic({ features: padded, isPositive, width: 2 }).weights[1], 0);
});

test('one class, NaN and rows of another width are refused', () => {
  assert.throws(
    () => fitLogistic({ features: Float64Array.of(1, 2), isPositive: [true, true], width: 1 }),
    /got 2 of one class, expected rows of both/,
  );
  assert.throws(
    () => fitLogistic({ features: Float64Array.of(1, NaN), isPositive: [true, false], width: 1 }),
    /got NaN or an infinity/,
  );
  assert.throws(
    () => fitLogistic({ features: Float64Array.of(1, 2, 3), isPositive: [true, false], width: 1 }),
    /got 3 numbers, expected 2 rows of 1/,
  );
});

test.run();
