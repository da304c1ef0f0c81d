// The columns of a classifier's outputs: truth, loss and predictions of each kind of attribute.
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  outputLoss,
  outputWidth,
  predictionsOf,
  truthRow,
} from '../../../trainer/analysis/attributes/attribute-outputs.ts';
import type { AttributeInfo } from '../../../trainer/data/source.ts';

const test = suite('attribute outputs');
const attributes: readonly AttributeInfo[] = [
  { name: 'hat', kind: 'binary', values: null, range: [0, 1] },
  { name: 'hair', kind: 'categorical', values: ['black', 'blond', 'pink'], range: [0, 2] },
  { name: 'length', kind: 'continuous', values: null, range: [0, 4] },
];

test('a category has a column of its own, and a value is scaled to [-1, 1]', () => {
  assert.is(outputWidth(attributes), 5);
  assert.equal([...truthRow(attributes, [1, 2, 3])], [1, 0, 0, 1, 0.5]);
  assert.equal([...truthRow(attributes, [0, 0, 0])], [0, 1, 0, 0, -1]);
});

test('predictions are a probability, the most probable category, and the value', () => {
  const [hat, hair, length] = predictionsOf(attributes, [9, 0, -1, 3, 2, 0.25], 1);
  assert.is(hat, 0.5);
  assert.is(hair, 1);
  assert.is(length, 0.25);
});

test('the loss is the mean of cross-entropies and the squared error', async () => {
  await tf.setBackend('cpu');
  const loss = tf.tidy(() =>
    outputLoss(attributes, tf.tensor2d([[0.7, 0.2, -1, 0.5, 0.3]]), tf.tensor2d([[1, 1, 0, 0, -0.5]])),
  );
  // In closed form.
  const bce = Math.log(1 + Math.exp(-0.7));
  const ce = Math.log(Math.exp(0.2) + Math.exp(-1) + Math.exp(0.5)) - 0.2;
  assert.ok(Math.abs((await loss.data())[0]! - (bce + ce + 0.64) / 3) < 1e-6);
});

test.run();
