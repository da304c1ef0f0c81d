// K-means against scikit-learn's, and its invariants.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../runtime-web/format/random.ts';
import { kMeans } from '../../../trainer/analysis/features/k-means.ts';
import { selectEngine } from '../../../trainer/engine/select-engine.ts';
import { assertClose } from '../../shared/closeness.ts';

const test = suite('kMeans()');
const { engine } = await selectEngine({ engine: 'onnx-cpu', threads: 1 });
test.after(() => engine.dispose());
const count = 200;
const rows = new Float32Array(2 * count);
for (let i = 0; i < count; i++) {
  rows[2 * i] = ((i * 7919) % 1009) / 1009 + 3 * Math.floor((i % 4) / 2);
  rows[2 * i + 1] = ((i * 104729) % 997) / 997 + 3 * (i % 2);
}
const find = (options: { readonly centroids: number; readonly passes: number }, seed = 2) =>
  kMeans({ engine, rows, width: 2, random: new Random(seed), ...options });

/** Sum of the squared distances of all rows to their nearest centroid. */
function inertia(centroids: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    let least = Infinity;
    for (let k = 0; k < centroids.length; k += 2) {
      least = Math.min(
        least,
        (rows[2 * i]! - centroids[k]!) ** 2 + (rows[2 * i + 1]! - centroids[k + 1]!) ** 2,
      );
    }
    sum += least;
  }
  return sum;
}

test("on four clusters it finds scikit-learn's centroids", async () => {
  // scikit-learn 1.9.1, of the same rows: KMeans(4, init='k-means++', n_init=10, random_state=0).fit(x).cluster_centers_
  const expected = [
    [0.49974, 0.46497],
    [3.49647, 0.49324],
    [3.50484, 3.47737],
    [0.50811, 3.50911],
  ];
  const found = await find({ centroids: 4, passes: 20 });
  const pairs = [0, 1, 2, 3].map((k) => [...found.subarray(2 * k, 2 * k + 2)]);
  const placed = expected.map(
    ([x, y]) =>
      pairs.toSorted((a, b) => Math.hypot(a[0]! - x!, a[1]! - y!) - Math.hypot(b[0]! - x!, b[1]! - y!))[0]!,
  );
  assertClose(placed.flat(), expected.flat(), 5e-6, 'centroids');
});

test('each pass reduces the distances, and a seed repeats the result', async () => {
  const one = inertia(await find({ centroids: 12, passes: 1 }));
  const ten = inertia(await find({ centroids: 12, passes: 10 }));
  assert.ok(ten < one, `${ten} after ten passes, ${one} after one`);
  assert.equal(
    [...(await find({ centroids: 5, passes: 3 }))],
    [...(await find({ centroids: 5, passes: 3 }))],
  );
});

test('more centroids than rows are refused; as many as rows are the rows', async () => {
  assertClose([1 + inertia(await find({ centroids: count, passes: 2 }))], [1], 1e-5, 'inertia');
  try {
    await find({ centroids: count + 1, passes: 1 });
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /got 201, expected at most 200/);
  }
});

test.run();
