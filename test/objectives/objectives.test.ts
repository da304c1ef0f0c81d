// The objectives against closed forms, and the signs of their gradients.
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { minimax } from '../../trainer/objectives/minimax.ts';
import { nonSaturating } from '../../trainer/objectives/non-saturating.ts';
import { relativistic } from '../../trainer/objectives/relativistic.ts';
import { registerGradients } from '../../trainer/graph/trace/gradients/register.ts';
import { assertClose } from '../shared/closeness.ts';

const test = suite('objectives');
test.before(() => {
  tf.setBackend('cpu');
  registerGradients();
});

const plain = { labelSmoothing: 0 };
const real = [0.3, -2, 5];
const fake = [1, -0.5, -40];
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const value = (loss: tf.Scalar): number => loss.dataSync()[0]!;

for (const [name, make] of Object.entries({ nonSaturating, minimax })) {
  const objective = make(plain);

  test(`${name}: D's loss is the cross-entropy`, () => {
    const expected =
      -mean(real.map((x) => Math.log(sigmoid(x)))) - mean(fake.map((x) => Math.log(1 - sigmoid(x))));
    assertClose(
      [value(objective.discriminatorLoss(tf.tensor1d(real), tf.tensor1d(fake)))],
      [expected],
      1e-6,
      name,
    );
  });

  test(`${name}: label smoothing lowers the label of real images only`, () => {
    const bce = (x: number): number => -0.9 * Math.log(sigmoid(x)) - 0.1 * Math.log(1 - sigmoid(x));
    const expected = mean(real.map(bce)) - mean(fake.map((x) => Math.log(1 - sigmoid(x))));
    const loss = make({ labelSmoothing: 0.1 }).discriminatorLoss(tf.tensor1d(real), tf.tensor1d(fake));
    assertClose([value(loss)], [expected], 1e-6, name);
  });

  test(`${name}: generatorLoss() pushes D's logit for fakes up`, () => {
    const gradient = tf
      .grad((x) => objective.generatorLoss(x))(tf.tensor1d(fake))
      .dataSync();
    assert.ok(gradient.every((g) => g <= 0) && gradient[0]! < 0);
  });
}

test('the non-saturating loss has a gradient when D is certain, minimax has none', () => {
  const at = (loss: (x: tf.Tensor) => tf.Scalar): number =>
    tf
      .grad(loss)(tf.tensor1d([-40]))
      .dataSync()[0]!;
  assertClose([at(nonSaturating(plain).generatorLoss)], [-1], 1e-6, 'non-saturating');
  assert.ok(Math.abs(at(minimax(plain).generatorLoss)) < 1e-15);
});

test('relativistic: the losses are those of pairs, and only differences count', () => {
  const { discriminatorLoss, generatorLoss } = relativistic();
  const [a, b] = [tf.tensor1d(real), tf.tensor1d(fake)];
  const ofD = -mean(real.map((x, k) => Math.log(sigmoid(x - fake[k]!))));
  const ofG = -mean(real.map((x, k) => Math.log(sigmoid(fake[k]! - x))));
  assertClose([value(discriminatorLoss(a, b)), value(generatorLoss(b, a))], [ofD, ofG], 1e-6, 'losses');
  const [higher, asHigh] = [tf.add(a, 64), tf.add(b, 64)];
  assertClose(
    [value(discriminatorLoss(higher, asHigh)), value(generatorLoss(asHigh, higher))],
    [ofD, ofG],
    1e-5,
    'shifted',
  );
});

test('relativistic: generatorLoss() pushes the generated logit of each pair up and needs the real ones', () => {
  const { generatorLoss } = relativistic();
  const gradient = tf
    .grad((x) => generatorLoss(x, tf.tensor1d(real)))(tf.tensor1d(fake))
    .dataSync();
  // d/df softplus(r - f) = -sigmoid(r - f), over three pairs.
  assertClose(
    [...gradient],
    real.map((x, k) => -sigmoid(x - fake[k]!) / 3),
    1e-6,
    'gradient',
  );
  assert.throws(() => generatorLoss(tf.tensor1d(fake)), /^real: got none/);
});

test('losses of logits of ±1000 are finite', () => {
  const far = tf.tensor1d([1000, -1000]);
  assert.ok(Number.isFinite(value(nonSaturating({ labelSmoothing: 0.1 }).discriminatorLoss(far, far))));
  assert.ok(Number.isFinite(value(minimax(plain).generatorLoss(far))));
  assert.ok(Number.isFinite(value(relativistic().generatorLoss(far, tf.neg(far)))));
});

test.run();
