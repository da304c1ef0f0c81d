// Columns of categories: their logits are those of softmax's probabilities, a pushed category lets go of the others of its attribute
// alone, and a steered latent keeps a colour that the classifier knows.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../runtime-web/format/random.ts';
import type { AttributeInfo } from '../../trainer/data/source.ts';
import { selectEngine } from '../../trainer/engine/select-engine.ts';
import { foldGenerator } from '../../trainer/frozen/fold.ts';
import { openSteering } from '../../trainer/steering/steer-latents.ts';
import { asLogits, steeringColumns } from '../../trainer/steering/steering-columns.ts';
import type { SteeringNetworks } from '../../trainer/steering/steering-step.ts';
import { randomState } from '../export/random-state.ts';
import { smallConfig } from '../shared/small-config.ts';

const test = suite('steering columns');
const dim = smallConfig.latent;
const attributes: readonly AttributeInfo[] = [
  { name: 'red', kind: 'binary', values: null, range: [0, 1] },
  { name: 'tint', kind: 'categorical', values: ['none', 'green', 'blue'], range: [0, 2] },
];

test('a category is a column of its own, named after attribute and category', () => {
  assert.equal(
    steeringColumns(attributes).map(({ name, kind, group }) => [name, kind, group]),
    [
      ['red', 'binary', 0],
      ['tint/none', 'binary', 1],
      ['tint/green', 'binary', 1],
      ['tint/blue', 'binary', 1],
    ],
  );
});

test("its logit is that of softmax's probability, finite for certain ones", async () => {
  await tf.setBackend('cpu');
  const outputs = [
    [0.5, 1, -0.3, 2],
    [-4, 0, 200, -200],
  ];
  const logits = tf.tidy(() => asLogits(attributes, tf.tensor2d(outputs))).arraySync() as number[][];
  const sums = outputs[0]!.slice(1).reduce((sum, x) => sum + Math.exp(x), 0);
  assert.is(logits[0]![0], 0.5);
  outputs[0]!.slice(1).forEach((x, k) => {
    const p = Math.exp(x) / sums;
    assert.ok(Math.abs(logits[0]![k + 1]! - Math.log(p / (1 - p))) < 1e-5, `${k}: ${logits[0]![k + 1]}`);
  });
  assert.ok(logits[1]!.every(Number.isFinite) && logits[1]![2]! > 50 && logits[1]![1]! < -50);
});

/** Predicts whether an image is red, and which of three tints it has, from its mean colours. */
function networks(): SteeringNetworks {
  const weights = Float32Array.from([30, 0, -15, -15, -15, 0, 30, -15, -15, 0, -15, 30]);
  return {
    generator: foldGenerator(smallConfig, randomState(smallConfig)),
    classifier: {
      columns: steeringColumns(attributes),
      parameters: { 'classifier/weights': { shape: [3, 4], dtype: 'float32', data: weights } },
      classify: (parameters, images) =>
        asLogits(
          attributes,
          tf.matMul(tf.mean(images, [1, 2]) as tf.Tensor2D, parameters['classifier/weights'] as tf.Tensor2D),
        ),
    },
    distribution: 'normal',
  };
}

test('a pushed category rises and lets go of the others; a tint stays while red is pushed', async () => {
  const { engine } = await selectEngine({ engine: 'onnx-cpu', threads: 1 });
  const steering = await openSteering(engine, networks(), dim);
  const count = 40;
  const z = new Random(3).fillLatent(new Float32Array(count * dim), 'normal');
  const { signal } = new AbortController();
  const request = { z, count, steps: 40, rate: 0.05, sign: 1, signal } as const;
  const tintOf = (predictions: Float32Array, i: number): number => {
    const row = [...predictions.subarray(4 * i + 1, 4 * i + 4)];
    return row.indexOf(Math.max(...row));
  };
  const moved = ({ before, after }: Awaited<ReturnType<typeof steering.steer>>): number =>
    Array.from(
      { length: count },
      (_, i) => tintOf(before.predictions, i) !== tintOf(after.predictions, i),
    ).filter(Boolean).length;
  const held = await steering.steer({ ...request, attribute: 0, hold: 3 });
  const free = await steering.steer({ ...request, attribute: 0, hold: 0 });
  assert.ok(moved(held) < moved(free) / 2, `tints moved in ${moved(held)} held and ${moved(free)} not held`);
  const rise = async (by: typeof steering, column: number): Promise<number[]> => {
    const { before, after } = await by.steer({ ...request, attribute: column, hold: 3 });
    return Array.from({ length: count }, (_, i) => {
      const [from, to] = [before, after].map(({ predictions }) => predictions[4 * i + column]!);
      // 2 is the margin, beyond which nothing pulls.
      assert.ok(to! > from! || to! > 2, `column ${column}, image ${i}: from ${from} to ${to}`);
      return Math.min(2, to!) - Math.min(2, from!);
    });
  };
  const rises = [await rise(steering, 1), await rise(steering, 2), await rise(steering, 3)];
  await steering.dispose();
  // As if each category were an attribute of its own, which the others must leave alone.
  const { classifier, ...rest } = networks();
  const columns = classifier.columns.map((column, group) => ({ ...column, group }));
  const apart = await openSteering(engine, { ...rest, classifier: { ...classifier, columns } }, dim);
  const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
  for (const column of [1, 2]) {
    const { before, after } = await apart.steer({ ...request, attribute: column, hold: 3 });
    const other = Array.from(
      { length: count },
      (_, i) =>
        Math.min(2, after.predictions[4 * i + column]!) - Math.min(2, before.predictions[4 * i + column]!),
    );
    const own = rises[column - 1]!;
    assert.ok(mean(own) > 1.2 * mean(other), `column ${column}: ${mean(own)}, apart ${mean(other)}`);
  }
  await apart.dispose();
  await engine.dispose();
});

test.run();
