// The area under the ROC curve, against scikit-learn's.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { areaUnderCurve, ranksOf } from '../../../trainer/analysis/attributes/area-under-curve.ts';

const test = suite('areaUnderCurve()');
const values = Float32Array.of(0.1, 0.4, 0.4, 0.8, 0.4, 0.9, -2, 0.1);

test('equal values share a rank', () => {
  assert.equal([...ranksOf(values)], [2.5, 5, 5, 7, 5, 8, 1, 2.5]);
});

test('it is scikit-learn’s, ties included', () => {
  // scikit-learn 1.9.1: roc_auc_score([0, 1, 0, 1, 1, 0, 0, 1], [0.1, 0.4, 0.4, 0.8, 0.4, 0.9, -2, 0.1])
  assert.is(areaUnderCurve(ranksOf(values), [0, 1, 0, 1, 1, 0, 0, 1]), 0.59375);
});

test('values of one class only have no area', () => {
  assert.ok(
    Number.isNaN(
      areaUnderCurve(
        ranksOf(values),
        values.map(() => 1),
      ),
    ),
  );
});

test.run();
