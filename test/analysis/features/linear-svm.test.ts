// The L2-SVM against scikit-learn's (liblinear's), on data that both make from whole numbers, and against itself.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../runtime-web/format/random.ts';
import { FeatureMatrix } from '../../../trainer/analysis/features/feature-matrix.ts';
import { LinearSvmSolver, type FitOptions } from '../../../trainer/analysis/features/linear-svm.ts';
import { selectEngine } from '../../../trainer/engine/select-engine.ts';
import { assertClose } from '../../shared/closeness.ts';

const test = suite('the linear L2-SVM');
const features = 6;
const { engine } = await selectEngine({ engine: 'onnx-cpu', threads: 1 });
const solver = await LinearSvmSolver.open(engine, features, 3);
test.after(async () => {
  await solver.close();
  await engine.dispose();
});

const count = 600;
const matrix = new FeatureMatrix(count, features, 2 ** 30, 'test');
const labels = Int32Array.from({ length: count }, (_, i) => {
  const x = Array.from(
    { length: features },
    (__, f) => ((i * 7919 + f * f * 104729 + i * (f + 1) * 31) % 1009) / 1009 - 0.5,
  );
  matrix.put(i, Float32Array.from(x));
  const said = [x[0]! + x[1]!, x[2]! - x[3]!, 0.2 + x[4]! * x[5]! * 4];
  return said.indexOf(Math.max(...said));
});
const rows = Int32Array.from({ length: count }, (_, i) => i);
const exact = { tolerance: 1e-5, maxPasses: 1000 };
const fit = (options: Partial<FitOptions> & Pick<FitOptions, 'C'>, seed = 1) =>
  solver.fit({ matrix, rows, labels, random: new Random(seed), ...options });

/** ½‖w‖² + C Σ max(0, 1 - y w·x)² of each class, and the share of right answers. */
async function judged(weights: Float32Array<ArrayBuffer>, C: number) {
  const primal = [0, 1, 2].map((k) => weights.reduce((sum, w, i) => sum + (i % 3 === k ? w ** 2 : 0), 0) / 2);
  let right = 0;
  const scores = await solver.scores(matrix, rows, weights);
  for (let i = 0; i < count; i++) {
    const said = [...scores.subarray(3 * i, 3 * i + 3)];
    right += Number(said.indexOf(Math.max(...said)) === labels[i]);
    said.forEach((s, k) => (primal[k]! += C * Math.max(0, 1 - (labels[i] === k ? s : -s)) ** 2));
  }
  return { primal, right: right / count };
}

// scikit-learn 1.9.1:
//   i, f = np.arange(600)[:, None], np.arange(6)[None, :]
//   x = ((i * 7919 + f * f * 104729 + i * (f + 1) * 31) % 1009) / 1009 - 0.5
//   y = np.argmax(np.stack([x[:, 0] + x[:, 1], x[:, 2] - x[:, 3], 0.2 + x[:, 4] * x[:, 5] * 4], 1), 1)
//   m = LinearSVC(loss='squared_hinge', dual=True, C=C, tol=1e-9, max_iter=1000000, random_state=0).fit(x, y)
//   w, t = np.c_[m.coef_, m.intercept_], np.where(y[:, None] == np.arange(3), 1, -1)
//   w, 0.5 * (w ** 2).sum(1) + C * (np.maximum(0, 1 - t * m.decision_function(x)) ** 2).sum(0), m.score(x, y)
const fromScikitLearn = [
  {
    C: 0.05,
    weights: [
      [1.44787, 1.23732, -0.44335, 0.52922, 0.06152, -0.2, -0.51447],
      [-0.30792, -0.31739, 1.2853, -1.43424, -0.07121, -0.30854, -0.65362],
      [-0.99551, -0.75285, -0.69716, 0.6963, 0.01101, 0.47459, 0.01854],
    ],
    objectives: [14.42262, 12.11872, 22.05505],
    right: 0.79,
  },
  {
    C: 2,
    weights: [
      [2.49942, 2.17818, -0.82398, 0.92136, 0.06789, -0.28081, -0.74954],
      [-0.81086, -0.7292, 2.92691, -3.15857, 0.13582, -0.57449, -1.10939],
      [-1.23615, -0.92829, -0.85215, 0.87014, 0.02198, 0.60253, 0.02281],
    ],
    objectives: [440.82512, 333.38356, 816.04332],
    right: 0.8083333,
  },
] as const;

for (const { C, weights, objectives, right } of fromScikitLearn) {
  test(`weights, objective and answers are scikit-learn's LinearSVC's at C ${C}`, async () => {
    const svm = await fit({ C, ...exact });
    assert.ok(svm.isConverged, `after ${svm.passes} passes`);
    // Ours lie by feature, theirs by class.
    const expected = Array.from({ length: 7 }, (_, f) => weights.map((row) => row[f]!)).flat();
    assertClose(svm.weights, expected, 2e-5, 'weights');
    const { primal, right: found } = await judged(svm.weights, C);
    assertClose(primal, objectives, 1e-6, 'objectives');
    assertClose([found], [right], 1e-6, 'right answers');
    // No gap between primal and dual at the solution.
    assertClose(
      [...svm.duals].map((dual) => -dual),
      objectives,
      1e-5,
      'duals',
    );
  });
}

test('it comes to the same plane in whatever order the rows are taken, and from where another C has led', async () => {
  const [one, other] = [await fit({ C: 0.5, ...exact }), await fit({ C: 0.5, ...exact }, 77)];
  assertClose(one.weights, other.weights, 1e-4, 'weights of two orders');
  const elsewhere = await fit({ C: 0.05, ...exact });
  const led = await fit({ C: 0.5, ...exact, start: elsewhere.alphas });
  assertClose(led.weights, one.weights, 1e-4, 'weights from a start');
  assert.ok(led.passes <= one.passes, `${led.passes} passes from a start, ${one.passes} without`);
});

test('the tolerance ends it: a loose one sooner and near, too few passes unconverged', async () => {
  const [tight, loose] = [await fit({ C: 1, ...exact }), await fit({ C: 1, tolerance: 0.1 })];
  assert.ok(loose.passes < tight.passes, `${loose.passes} and ${tight.passes} passes`);
  assertClose(loose.weights, tight.weights, 0.1, 'weights');
  const stopped = await fit({ C: 1, tolerance: 1e-5, maxPasses: 2 });
  assert.is(stopped.passes, 2);
  assert.is(stopped.isConverged, false);
});

test('dual variables are never negative, and a part of the rows is fitted alone', async () => {
  const { alphas } = await fit({ C: 2 });
  assert.ok(alphas.every((alpha) => alpha >= 0) && alphas.some((alpha) => alpha > 0));
  // The first half alone, and the same rows of a matrix that has no others.
  const half = rows.subarray(0, 300);
  const small = new FeatureMatrix(300, features, 2 ** 30, 'test');
  half.forEach((i) => small.put(i, matrix.row(i).slice(0, features)));
  const part = { rows: half, labels: labels.subarray(0, 300) };
  const [one, other] = [await fit({ C: 2, ...part }), await fit({ C: 2, ...part, matrix: small })];
  assert.equal([...one.weights], [...other.weights]);
});

test('it stops when told to', async () => {
  const stop = new AbortController();
  stop.abort();
  try {
    await fit({ C: 1, signal: stop.signal });
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).name, 'AbortError');
  }
});

test.run();
