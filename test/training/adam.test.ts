// Adam against the textbook's formula in float64 and against numbers printed by torch.optim.Adam (PyTorch 2.8).
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { adam, type AdamSlot } from '../../trainer/training/adam.ts';
import { assertClose } from '../shared/closeness.ts';

const test = suite('adam');
test.before(async () => {
  await tf.setBackend('cpu');
});

const gradients = [
  [0.5, -2, 1e-4, 0],
  [-0.25, -1, 2e-4, 3],
  [1, 0.5, -1e-4, 0],
];

function run(steps: number, beta1: number, beta2: number, learningRate: number): Float32Array {
  let slot: AdamSlot = {
    parameter: tf.tensor1d([1, -1, 0.5, 2]),
    first: tf.zeros([4]),
    second: tf.zeros([4]),
  };
  for (let i = 0; i < steps; i++) {
    slot = adam(slot, tf.tensor1d(gradients[i]!), {
      learningRate: tf.scalar(learningRate),
      update: tf.scalar(i + 1),
      beta1,
      beta2,
    });
  }
  return slot.parameter.dataSync() as Float32Array;
}

test('adam() equals algorithm 1 of Kingma and Ba, written out', () => {
  const [beta1, beta2, rate] = [0.5, 0.999, 0.01];
  const p = [1, -1, 0.5, 2];
  const m = [0, 0, 0, 0];
  const v = [0, 0, 0, 0];
  gradients.forEach((g, t) => {
    for (let i = 0; i < 4; i++) {
      m[i] = beta1 * m[i]! + (1 - beta1) * g[i]!;
      v[i] = beta2 * v[i]! + (1 - beta2) * g[i]! ** 2;
      p[i]! -= (rate * (m[i]! / (1 - beta1 ** (t + 1)))) / (Math.sqrt(v[i]! / (1 - beta2 ** (t + 1))) + 1e-8);
    }
  });
  assertClose(run(3, beta1, beta2, rate), p, 1e-6, 'parameters');
});

test('the first update moves by the learning rate, not by 15.8 times it', () => {
  const moved = 1 - run(1, 0.5, 0.999, 2e-4)[0]!;
  assert.ok(Math.abs(moved - 2e-4) < 1e-7, `moved by ${moved}`);
});

test.run();
