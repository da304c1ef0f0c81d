// Rows of features in bounded memory, and their standardisation.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  FeatureMatrix,
  matrixBytes,
  memoryAtHand,
  standardisationOf,
  standardise,
} from '../../../trainer/analysis/features/feature-matrix.ts';
import { UserError } from '../../../trainer/errors.ts';
import { assertClose } from '../../shared/closeness.ts';

const test = suite('a feature matrix');

test('rows hold the values written and a one after them, also if the memory is in pieces', () => {
  // Rows of 64 MiB: a piece holds four at most.
  const features = 2 ** 24 - 1;
  const matrix = new FeatureMatrix(6, features, 2 ** 30, 'test');
  for (let i = 0; i < 6; i++) {
    matrix.row(i)[3] = 10 + i;
    matrix.row(i)[features] = 1;
  }
  assert.equal(
    [0, 1, 2, 3, 4, 5].map((i) => matrix.row(i)[3]),
    [10, 11, 12, 13, 14, 15],
  );
  const small = new FeatureMatrix(3, 2, 1000, 'test');
  small.put(1, Float32Array.of(5, 6, 7, 8));
  assert.equal(
    [0, 1, 2].map((i) => [...small.row(i)]),
    [
      [0, 0, 0],
      [5, 6, 1],
      [7, 8, 1],
    ],
  );
  for (const index of [-1, 3, 0.5]) assert.throws(() => small.row(index), RangeError);
});

test('a matrix that does not fit is refused with its size and a size that would fit', () => {
  // 50,000 x 28,672 features, as the paper had them: 4 x 50,000 x 28,673 bytes.
  assert.is(matrixBytes(50_000, 28_672), 5_734_600_000);
  try {
    new FeatureMatrix(50_000, 28_672, 2 ** 30, "D's layers");
    assert.unreachable();
  } catch (error) {
    assert.instance(error, UserError);
    assert.is(
      (error as Error).message,
      "D's layers: 50,000 images of 28,672 features take 5.34 GiB, and 1.00 GiB may be used; " +
        'take fewer images with --limit 9361, or give more with --memory',
    );
  }
  assert.ok(matrixBytes(9361, 28_672) <= 2 ** 30 && matrixBytes(9362, 28_672) > 2 ** 30);
  assert.throws(() => new FeatureMatrix(10, 1000, 3000, 'x'), /; give more with --memory$/);
  assert.ok(memoryAtHand() > 2 ** 20);
});

test('standardised features have mean 0 and deviation 1, and a constant one is 0', () => {
  const matrix = new FeatureMatrix(500, 3, 2 ** 20, 'test');
  // Far from zero beside their spread, where a one-pass variance would be lost.
  for (let i = 0; i < 500; i++) matrix.put(i, Float32Array.of(1000 + (i % 7) / 8, 5, (i % 2) * 3));
  const scale = standardisationOf(matrix);
  // numpy: i = np.arange(500); (1000 + i % 7 / 8).mean(), (1000 + i % 7 / 8).std()
  assertClose([scale.mean[0]!, scale.mean[2]!], [1000.3735, 1.5], 1e-9, 'means');
  assertClose([...scale.deviation], [0.2501204709734891, 1, 1.5], 1e-5, 'deviations');
  for (let i = 0; i < 500; i++) standardise(matrix.row(i), scale);
  const again = standardisationOf(matrix);
  assertClose([1 + again.mean[0]!, 1 + again.mean[2]!], [1, 1], 1e-4, 'means');
  assertClose([again.deviation[0]!, again.deviation[2]!], [1, 1], 1e-4, 'deviations');
  assert.is(matrix.row(9)[1], 0);
  assert.is(matrix.row(9)[3], 1);
});

test.run();
