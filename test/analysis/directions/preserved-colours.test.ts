// Directions leave colours alone: in a small world with shirts of known colours, the search and the refinement preserve them, and a
// classifier that knows nothing of colours lets them go.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as tf from '@tensorflow/tfjs-core';
import { Random } from '../../../runtime-web/format/random.ts';
import type { PredictedAttribute } from '../../../trainer/analysis/attributes/attribute-classifier.ts';
import { meanDifferences } from '../../../trainer/analysis/directions/directions.ts';
import { findDirections } from '../../../trainer/analysis/directions/find-directions.ts';
import { measureDirections } from '../../../trainer/analysis/directions/measure-directions.ts';
import { refineDirections } from '../../../trainer/analysis/directions/refine-directions.ts';
import type { AttributeInfo } from '../../../trainer/data/source.ts';
import { selectEngine } from '../../../trainer/engine/select-engine.ts';

const test = suite('directions and colours');
const dim = 10;
const cosine = (a: Float64Array, b: Float64Array): number => {
  const dot = (x: Float64Array, y: Float64Array): number =>
    x.reduce((sum, value, d) => sum + value * y[d]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};

/**
 * A world whose pictures are latents: a hat is z0 > 0.5, a beard z1 > 0.5, and the shirt's colour one of three, each chosen by a
 * direction in the plane of z2 and z3.
 */
const shirt: AttributeInfo = {
  name: 'shirt',
  kind: 'categorical',
  values: ['red', 'blue', 'green'],
  range: [0, 2],
};
const dressed: readonly AttributeInfo[] = [
  { name: 'hat', kind: 'binary', values: null, range: [0, 1] },
  { name: 'beard', kind: 'binary', values: null, range: [0, 1] },
  shirt,
];
const shirtWeights = [0, 1, 2].map((k) => [Math.cos((2 * Math.PI * k) / 3), Math.sin((2 * Math.PI * k) / 3)]);
const shirtLogits = (z: ArrayLike<number>): number[] =>
  shirtWeights.map(([x, y]) => 6 * (x! * z[2]! + y! * z[3]!));
const dressedClassifier = {
  attributes: dressed,
  steerable: dressed.slice(0, 2) as PredictedAttribute[],
  quality: { hat: 1, beard: 1, shirt: 1 },
  predict: (images: Float32Array, count: number) =>
    Promise.resolve(
      Float32Array.from({ length: count * 3 }, (_, k) => {
        const z = images.subarray(Math.floor(k / 3) * dim, (Math.floor(k / 3) + 1) * dim);
        const logits = shirtLogits(z);
        return [Number(z[0]! > 0.5), Number(z[1]! > 0.5), logits.indexOf(Math.max(...logits))][k % 3]!;
      }),
    ),
};
const asTheyAre = {
  runtime: 'none',
  draw: (z: Float32Array) =>
    Promise.resolve({ shape: [z.length / dim, dim], dtype: 'float32', data: z } as const),
  dispose: () => Promise.resolve(),
};

/** Refines a hat's direction that also paints the shirt, with a classifier that knows the shirt's colour or does not. */
async function refinedHat(knowsShirts: boolean): Promise<Float64Array> {
  const { engine } = await selectEngine({ engine: 'onnx-cpu', threads: 1 });
  const latents = new Random(3).fillLatent(new Float32Array(1500 * dim), 'normal');
  const columns = knowsShirts ? 5 : 2;
  const weights = new Float32Array(dim * columns);
  weights[0] = weights[columns + 1] = 6;
  if (knowsShirts)
    shirtWeights.forEach(([x, y], k) => {
      weights[2 * columns + 2 + k] = 6 * x!;
      weights[3 * columns + 2 + k] = 6 * y!;
    });
  await engine.writeState({
    weights: { shape: [dim, columns], dtype: 'float32', data: weights },
    border: {
      shape: [columns],
      dtype: 'float32',
      data: Float32Array.of(3, 3, ...(knowsShirts ? [0, 0, 0] : [])),
    },
  });
  const known = knowsShirts ? dressed : dressed.slice(0, 2);
  const all = await dressedClassifier.predict(latents, 1500);
  const predictions = all.filter((_, k) => k % 3 < known.length);
  const [hat] = await refineDirections({
    engine,
    generator: { parameters: {}, generate: (_, z) => z, layers: () => ({}) },
    classifier: {
      ...dressedClassifier,
      attributes: known,
      classify: (state, images) =>
        tf.sub(tf.matMul(images as tf.Tensor2D, state['weights'] as tf.Tensor2D), state['border']!),
    },
    samples: { latents, predictions, count: 1500, dim },
    starts: [0, 1].map((a) =>
      Float64Array.from({ length: dim }, (_, d) => (d === a ? 1 : d === 2 ? 1.5 : 0)),
    ),
    wanted: [0],
    steps: 300,
    random: new Random(5),
    signal: new AbortController().signal,
  });
  await engine.dispose();
  return hat!;
}

test('a refined direction leaves colours alone, if the classifier knows them', async () => {
  const [knowing, ignorant] = [await refinedHat(true), await refinedHat(false)];
  for (const hat of [knowing, ignorant]) assert.ok(hat[0]! > 1, `z0 by ${hat[0]}`);
  assert.ok(Math.hypot(knowing[2]!, knowing[3]!) < 0.2, `the shirt by ${knowing[2]}, ${knowing[3]}`);
  // Nothing pulls it back otherwise.
  assert.ok(ignorant[2]! > 1.2, `the shirt by ${ignorant[2]}`);
});

test('a category has a direction for each of its values, and others are found without them', async () => {
  const latents = new Random(8).fillLatent(new Float32Array(20_000 * dim), 'normal');
  const predictions = await dressedClassifier.predict(latents, 20_000);
  const all = meanDifferences({ latents, predictions, count: 20_000, dim }, dressed);
  assert.is(all.length, 2 + 3);
  shirtWeights.forEach(([x, y], k) => {
    const towards = Float64Array.from({ length: dim }, (_, d) => (d === 2 ? x! : d === 3 ? y! : 0));
    assert.ok(cosine(all[2 + k]!, towards) > 0.99, `${shirt.values![k]}`);
  });
});

test('in a world where hats come with blue shirts, the direction found leaves shirts as they are', async () => {
  // A picture's number 2 rises with its hat: whoever has a hat by z0 tends to a shirt of the first colour.
  const mixed = {
    ...asTheyAre,
    draw: (z: Float32Array) =>
      asTheyAre.draw(z.map((value, i) => (i % dim === 2 ? value + 0.8 * z[i - 2]! : value))),
  };
  const find = async (attributesKnown: readonly AttributeInfo[]) => {
    const width = attributesKnown.length;
    const [hat] = await findDirections({
      model: { latent: { dim, distribution: 'normal' } } as Parameters<typeof findDirections>[0]['model'],
      generator: mixed,
      classifier: {
        ...dressedClassifier,
        attributes: attributesKnown,
        predict: async (images, count) =>
          (await dressedClassifier.predict(images, count)).filter((_, k) => k % 3 < width),
        classify: () => {
          throw new Error('is not asked');
        },
      },
      count: 8000,
      mostMoved: 0.1,
      only: ['hat'],
      random: new Random(4),
      signal: new AbortController().signal,
      say: () => undefined,
      refine: () => Promise.resolve(null),
    });
    const [measured] = await measureDirections({
      model: { latent: { dim, distribution: 'normal' } },
      generator: mixed,
      evaluator: dressedClassifier,
      directions: [hat!],
      random: new Random(9),
      signal: new AbortController().signal,
    });
    return measured!.figures;
  };
  const [knowing, ignorant] = [await find(dressed), await find(dressed.slice(0, 2))];
  for (const figures of [knowing, ignorant])
    assert.ok(figures['success']! > 0.75, `hat ${figures['success']}`);
  assert.ok(knowing['moved/shirt']! < 0.1, `the shirt in ${knowing['moved/shirt']}`);
  assert.ok(ignorant['moved/shirt']! > 0.2, `the shirt in ${ignorant['moved/shirt']}`);
});

test.run();
