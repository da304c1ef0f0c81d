// The loss of an edit in closed form: Kullback-Leibler divergences of yes-or-no and of categorical attributes, squares of values.
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { preservationLoss, targetLoss } from '../../../trainer/analysis/attributes/attribute-loss.ts';
import type { AttributeInfo } from '../../../trainer/data/source.ts';

const test = suite('attribute loss');
test.before(() => tf.setBackend('cpu').then(() => undefined));
const attributes: readonly AttributeInfo[] = [
  { name: 'hat', kind: 'binary', values: null, range: [0, 1] },
  { name: 'length', kind: 'continuous', values: null, range: [-1, 1] },
  { name: 'hair', kind: 'categorical', values: ['black', 'blond', 'pink'], range: [0, 2] },
  { name: 'eyes', kind: 'categorical', values: ['green', 'blue'], range: [0, 1] },
];
const values = (loss: () => tf.Tensor): number[][] => tf.tidy(loss).arraySync() as number[][];
const close = (got: readonly number[], wanted: readonly number[]): void => {
  assert.is(got.length, wanted.length);
  got.forEach((value, i) =>
    assert.ok(Math.abs(value - wanted[i]!) < 1e-5, `${i}: ${value}, not ${wanted[i]}`),
  );
};
const softmax = (logits: readonly number[]): number[] => {
  const sum = logits.reduce((all, x) => all + Math.exp(x), 0);
  return logits.map((x) => Math.exp(x) / sum);
};
const divergence = (from: readonly number[], to: readonly number[]): number =>
  from.reduce((sum, p, k) => sum + p * Math.log(p / to[k]!), 0);

test('each attribute has one penalty, the categorical ones that of all their logits', () => {
  const before = [0.5, 0.2, 2, 0, -1, 0.3, -0.3];
  const after = [-0.4, 0.5, 0, 1, 0.5, -1, 1];
  const [penalties] = values(() => preservationLoss(attributes, tf.tensor2d([after]), tf.tensor2d([before])));
  const yesNo = (logit: number): number[] => softmax([logit, 0]);
  close(penalties!, [
    divergence(yesNo(0.5), yesNo(-0.4)),
    4 * 0.3 ** 2,
    divergence(softmax([2, 0, -1]), softmax([0, 1, 0.5])),
    divergence(softmax([0.3, -0.3]), softmax([-1, 1])),
  ]);
});

test('nothing changed costs nothing, however sure the classifier is, and a far change is finite', () => {
  const sure = [80, 0.1, 200, -100, 0, -300, 300];
  const [same] = values(() => preservationLoss(attributes, tf.tensor2d([sure]), tf.tensor2d([sure])));
  close(same!, [0, 0, 0, 0]);
  const turned = [80, 0.1, -100, 200, 0, -300, 300];
  const [far] = values(() => preservationLoss(attributes, tf.tensor2d([turned]), tf.tensor2d([sure])));
  // ln 1 − ln e^(−300): the category was certain, and is now e^300 times less probable than another.
  close(far!, [0, 0, 300, 0]);
});

test('without categories, only the others count; the target has a margin', () => {
  const plain = attributes.slice(0, 2);
  const [penalties] = values(() => preservationLoss(plain, tf.tensor2d([[1, 0]]), tf.tensor2d([[1, 0.5]])));
  close(penalties!, [0, 1]);
  const [target] = values(() => targetLoss(plain, tf.tensor2d([[2, -0.3]]), { binary: 1, continuous: 0.2 }));
  close(target!, [Math.log(1 + Math.exp(-1)), 1]);
});

test.run();
