// Directions on latents whose attributes are known linear functions, and the commands and classifier on small real data.
import { square } from '../../../runtime-web/format/image-shape.ts';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseModel } from '../../../runtime-web/format/parse-model.ts';
import * as tf from '@tensorflow/tfjs-core';
import { Random } from '../../../runtime-web/format/random.ts';
import {
  correlation,
  trainClassifier,
  type AttributePredictor,
  type PredictedAttribute,
} from '../../../trainer/analysis/attributes/attribute-classifier.ts';
import { effectOf } from '../../../trainer/analysis/attributes/attribute-effect.ts';
import { meanDifferences, withoutOthers } from '../../../trainer/analysis/directions/directions.ts';
import { measureDirections } from '../../../trainer/analysis/directions/measure-directions.ts';
import { sideEffects } from '../../../runtime-web/format/side-effects.ts';
import { sideEffectsText } from '../../../trainer/analysis/directions/save.ts';
import { refineDirections } from '../../../trainer/analysis/directions/refine-directions.ts';
import { trainEvaluator } from '../../../trainer/analysis/attributes/classifiers.ts';
import type { AttributeInfo } from '../../../trainer/data/source.ts';
import { openDataset } from '../../../trainer/data/dataset.ts';
import { selectEngine } from '../../../trainer/engine/select-engine.ts';
import { dcgan, dcganInTurn, jsonLines, smallPictures, smallRun } from '../../shared/command-line.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';

const test = suite('directions');
const attributes: readonly PredictedAttribute[] = [
  { name: 'a', kind: 'binary', values: null, range: [0, 1] },
  { name: 'b', kind: 'binary', values: null, range: [0, 1] },
  { name: 'c', kind: 'continuous', values: null, range: [-1, 1] },
];
const dim = 10;
/** The linear function of each attribute; the second is correlated with the first. */
const makers = [0, 1, 2].map((a) => Float64Array.from({ length: dim }, (_, d) => Number(d === a)));
makers[1]![0] = 1;
const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);
const cosine = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));

function samplesOf(count: number) {
  const latents = new Random(3).fillLatent(new Float32Array(count * dim), 'normal');
  const predictions = new Float32Array(count * 3);
  for (let i = 0; i < count; i++) {
    const z = latents.subarray(i * dim, (i + 1) * dim);
    makers.forEach((maker, a) => {
      predictions[i * 3 + a] = a === 2 ? dot(z, maker) / 2 : Number(dot(z, maker) > 0.3);
    });
  }
  return { latents, predictions, count, dim };
}

test('the difference of means points where the attribute comes from', () => {
  const found = meanDifferences(samplesOf(20_000), attributes);
  makers.forEach((maker, a) =>
    assert.ok(cosine(found[a]!, maker) > 0.99, `${a}: ${cosine(found[a]!, maker)}`),
  );
  for (const vector of found) assert.ok(Math.abs(dot(vector, vector) - 1) < 1e-9);
});

test('orthogonalised against the others, a direction moves none of them', () => {
  const plain = meanDifferences(samplesOf(20_000), attributes);
  const alone = withoutOthers(plain);
  alone.forEach((vector, a) => {
    plain.forEach((other, b) => {
      if (a !== b) assert.ok(Math.abs(dot(vector, other)) < 1e-6);
    });
    assert.ok(dot(vector, plain[a]!) > 0.5);
  });
});

test('an attribute that no image has, or that is a combination of others, has no direction', () => {
  const samples = samplesOf(1000);
  samples.predictions.forEach((_, i) => {
    if (i % 3 === 0) samples.predictions[i] = 0;
  });
  assert.ok(meanDifferences(samples, attributes)[0]!.every((value) => value === 0));
  const same = Float64Array.from({ length: dim }, (_, d) => Number(d === 0));
  assert.ok(withoutOthers([same, same]).every((vector) => vector.every((value) => value === 0)));
});

test('an effect counts the intended changes and the side effects', () => {
  const before = Float32Array.of(0, 0, 0, 0, 1, 0.1, 0, 0, -0.9, 0, 1, 0.2);
  const after = Float32Array.of(1, 0, 0.1, 1, 0, 0.1, 1, 0, 0.2, 0, 1, 0.2);
  assert.equal(effectOf(before, after, attributes, 0), {
    success: 0.75,
    othersMoved: 2 / 8,
    moved: [0.75, 0.25, 0.25],
  });
});

test('a categorical attribute moves when its category is another one, however near', () => {
  const known = [
    attributes[0]!,
    { name: 'hair', kind: 'categorical', values: ['a', 'b', 'c'], range: [0, 2] },
  ];
  const before = Float32Array.of(0.1, 0, 0.4, 2, 0.2, 1);
  const after = Float32Array.of(0.9, 1, 0.6, 2, 0.4, 0);
  const effect = effectOf(before, after, known as AttributeInfo[], 0);
  assert.ok(Math.abs(effect.success - 2 / 3) < 1e-12);
  assert.ok(Math.abs(effect.othersMoved - 2 / 3) < 1e-12);
});

test('directions are measured on latents without the attribute, with what else changes and their length', async () => {
  // Images are latents. The evaluator: a is z0 > 0.5, b is z1 > 0, and the category is that of the sign of z2.
  const seen = [
    ...attributes.slice(0, 2),
    { name: 'hair', kind: 'categorical', values: ['x', 'y'], range: [0, 1] },
  ] as const;
  const evaluator: AttributePredictor = {
    attributes: seen,
    quality: { a: 0.9, b: 0.8, hair: 0.7 },
    predict: (images, count) =>
      Promise.resolve(
        Float32Array.from({ length: count * 3 }, (_, k) => {
          const z = images.subarray(Math.floor(k / 3) * 4, Math.floor(k / 3) * 4 + 4);
          return [Number(z[0]! > 0.5), Number(z[1]! > 0), Number(z[2]! > 0)][k % 3]!;
        }),
      ),
  };
  const draw = (z: Float32Array) =>
    Promise.resolve({ shape: [z.length / 4, 4], dtype: 'float32', data: z } as const);
  const generator = { runtime: 'none', draw, dispose: () => Promise.resolve() };
  const [found] = await measureDirections({
    model: { latent: { dim: 4, distribution: 'uniform' } },
    generator,
    evaluator,
    directions: [{ name: 'a', vector: [0.9, 0, 0.5, 0] }],
    random: new Random(1),
    signal: new AbortController().signal,
  });
  // Uniform latents in [-1, 1] with z0 <= 0.5: z0 + 0.9 > 0.5 in 0.9 of 1.5. z2 + 0.5 changes its sign in 0.5 of 2.
  const { figures } = found!;
  // Four standard errors of 1024 images.
  assert.ok(Math.abs(figures['success']! - 0.6) < 0.062, `success ${figures['success']}`);
  assert.ok(Math.abs(figures['moved/hair']! - 0.25) < 0.055, `hair ${figures['moved/hair']}`);
  assert.is(figures['moved/b'], 0);
  assert.ok(Math.abs(figures['othersMoved']! - figures['moved/hair']! / 2) < 1e-4);
  assert.is(figures['classifierQuality'], 0.9);
  assert.is(figures['length'], Number(Math.hypot(0.9, 0.5).toFixed(4)));
  assert.is(figures['latentLength'], Number(Math.sqrt(4 / 3).toFixed(4)));
  assert.not.ok('moved/a' in figures);
  // The one that changes most often is written first.
  assert.equal(
    Object.keys(figures).filter((key) => key.startsWith('moved/')),
    ['moved/hair', 'moved/b'],
  );
  assert.equal(sideEffects(found!)[0], { name: 'hair', share: figures['moved/hair'] });
});

test('the shipped directions have figures for every other attribute, and their lengths', () => {
  const file = 'demo/models/avatars-64/model.json';
  const { directions, latent } = parseModel(JSON.parse(readFileSync(file, 'utf8')), file);
  assert.is(directions.length, 6);
  for (const { name, vector, figures } of directions) {
    const moved = Object.entries(figures).flatMap(([key, value]) =>
      key.startsWith('moved/') ? [value] : [],
    );
    // Avatars have 18 attributes.
    assert.is(moved.length, 17, name);
    assert.ok(figures['success']! >= 0.8 && figures['othersMoved']! <= 0.1, name);
    assert.ok(Math.abs(moved.reduce((a, b) => a + b) / 17 - figures['othersMoved']!) < 2e-4, name);
    assert.ok(Math.abs(Math.hypot(...vector) - figures['length']!) < 1e-3, name);
    assert.is(figures['latentLength'], Math.sqrt(latent.dim));
  }
});

test('the strongest side effects come first in words, and nothing is said of what nobody measured', () => {
  const figures = { success: 0.9, 'moved/hat': 0.099, 'moved/hair': 0.104, 'moved/shirt': 0.87 };
  assert.is(sideEffectsText({ figures }), 'also changes: shirt 87%, hair 10%');
  const quiet = { figures: { 'moved/hat': 0.05, 'moved/hair': 0 } };
  assert.is(sideEffectsText(quiet, '; '), '; each of 2 others changes in less than 10%');
  assert.is(sideEffectsText({ figures: { success: 0.9, othersMoved: 0.02 } }, '; '), '');
});

test('a direction of an attribute that every image has gets no share', async () => {
  const evaluator: AttributePredictor = {
    attributes,
    quality: { a: 1, b: 1, c: 1 },
    predict: (_, count) => Promise.resolve(new Float32Array(count * 3).fill(1)),
  };
  const [found] = await measureDirections({
    model: { latent: { dim: 1, distribution: 'normal' } },
    generator: {
      runtime: 'none',
      draw: (z) => Promise.resolve({ shape: [z.length, 1], dtype: 'float32', data: z }),
      dispose: () => Promise.resolve(),
    },
    evaluator,
    directions: [{ name: 'b', vector: [2] }],
    random: new Random(1),
    signal: new AbortController().signal,
  });
  assert.equal(found!.figures, { classifierQuality: 1, length: 2, latentLength: 1 });
  assert.equal(sideEffects(found!), []);
});

test('a refined direction moves its attribute and no longer the correlated one', async () => {
  const { engine } = await selectEngine({ engine: 'onnx-cpu', threads: 1 });
  const samples = samplesOf(2000);
  // Pictures are the latents themselves; logits grow fast, so that predictions are sure.
  const weights = new Float32Array(dim * 3);
  makers.forEach((maker, a) =>
    maker.forEach((value, d) => (weights[d * 3 + a] = value * (a === 2 ? 0.5 : 4))),
  );
  await engine.writeState({
    weights: { shape: [dim, 3], dtype: 'float32', data: weights },
    border: { shape: [3], dtype: 'float32', data: Float32Array.of(1.2, 1.2, 0) },
  });
  const starts = makers.map((_, a) => Float64Array.from({ length: dim }, (__, d) => Number(d === a) * 0.5));
  const same = (_: unknown, z: tf.Tensor): tf.Tensor => z;
  const [first, second, third] = await refineDirections({
    engine,
    generator: { parameters: {}, generate: same, layers: () => ({}) },
    classifier: {
      attributes,
      steerable: attributes,
      quality: {},
      predict: () => Promise.reject(new Error('is not asked')),
      classify: (state, images) =>
        tf.sub(tf.matMul(images as tf.Tensor2D, state['weights'] as tf.Tensor2D), state['border']!),
    },
    samples,
    starts,
    steps: 400,
    random: new Random(5),
    signal: new AbortController().signal,
  });
  await engine.dispose();
  // The second attribute is z0 + z1 > 0.3: to leave it where it is, what z0 gains z1 must lose.
  assert.ok(first![0]! > 0.5, `z0 by ${first![0]}`);
  assert.ok(Math.abs(first![0]! + first![1]!) < 0.3 * first![0]!, `z1 by ${first![1]}`);
  assert.ok(second![1]! > 0.5 && Math.abs(second![0]!) < 0.3 * second![1]!, `${second![0]}, ${second![1]}`);
  assert.ok(third![2]! > 0.5 && Math.hypot(third![0]!, third![1]!) < 0.3 * third![2]!);
});

test('correlation() is Pearson’s', () => {
  assert.ok(Math.abs(correlation([1, 2, 3, 5], [2, 4, 6, 10]) - 1) < 1e-12);
  assert.ok(Math.abs(correlation([1, 2, 3], [3, 2, 1]) + 1) < 1e-12);
  // SciPy 1.16: pearsonr([1, 2, 3, 4], [2, 1, 4, 3])
  assert.ok(Math.abs(correlation([1, 2, 3, 4], [2, 1, 4, 3]) - 0.6) < 1e-12);
});

test('a classifier learns the visible attributes of avatars in seconds', async () => {
  const dataset = await openDataset({
    data: 'avatars',
    ...square(16),
    channels: 3,
    avatarCount: 1500,
    cacheFolder: temporaryFolder(),
  });
  const { engine } = await selectEngine({ engine: 'onnx-cpu', threads: 2 });
  const signal = new AbortController().signal;
  const { quality, attributes: judgedOnes } = await trainClassifier({
    engine,
    dataset,
    seed: 1,
    steps: 300,
    signal,
  });
  assert.ok(judgedOnes.every(({ kind }) => kind !== 'categorical'));
  // Held-out avatars: 70% have no hat, so that is the accuracy of a constant prediction.
  assert.ok(quality['hat']! > 0.85, `hat ${quality['hat']}`);
  assert.ok(quality['yaw']! > 0.6, `yaw ${quality['yaw']}`);
  await engine.dispose();
  const progress = { show: () => undefined, close: () => undefined };
  const request = {
    dataset,
    engine: 'onnx-cpu',
    seed: 1,
    steps: 300,
    say: () => undefined,
    progress,
  } as const;
  const second = await trainEvaluator(request, { signal });
  // The first classifier's attributes at the same indices, then the categorical ones.
  assert.equal(
    second.attributes.slice(0, judgedOnes.length).map(({ name }) => name),
    judgedOnes.map(({ name }) => name),
  );
  assert.equal(
    second.attributes.slice(judgedOnes.length).map(({ name }) => name),
    ['hairStyle', 'hairColour', 'skinTone', 'eyeColour', 'background', 'clothes'],
  );
  assert.ok(second.quality['hat']! > 0.85, `hat ${second.quality['hat']}`);
  // One in eight by chance.
  assert.ok(second.quality['background']! > 0.8, `background ${second.quality['background']}`);
  await second.dispose();
  await dataset.close();
});

test('the command measures every attribute and leaves a model that can be read', async () => {
  const out = temporaryFolder();
  const trained = await dcgan(...smallRun('avatars', out, 30));
  assert.is(trained.code, 0, trained.stderr);
  const model = String(jsonLines(trained.stdout).at(-1)!['model']);
  const { code, stdout, stderr } = await dcgan(
    'directions',
    model,
    '--samples',
    '1000',
    '--steps',
    '60',
    '--refine',
    '5',
    '--json',
  );
  assert.is(code, 0, stderr);
  const { directions, quality } = jsonLines(stdout).at(-1) as {
    directions: { name: string; success: number; isKept: boolean; 'moved/clothes': number; length: number }[];
    quality: { finds: Record<string, number>; measures: Record<string, number> };
  };
  // The first classifier preserves, and the second measures, all 18 attributes.
  assert.is(Object.keys(quality.finds).length, 18);
  assert.is(Object.keys(quality.measures).length, 18);
  for (const direction of directions) {
    assert.ok(direction['moved/clothes'] >= 0 && direction['moved/clothes'] <= 1, JSON.stringify(direction));
    assert.ok(direction.length > 0);
  }
  assert.ok(directions.some(({ name }) => name === 'turn') || directions.length > 0);
  assert.ok(!stderr.includes('not refined'), stderr);
  const file = join(model, 'model.json');
  const read = parseModel(JSON.parse(readFileSync(file, 'utf8')), file);
  assert.equal(
    read.directions.map(({ name }) => name),
    directions.filter(({ isKept }) => isKept).map(({ name }) => name),
  );

  // --measure gives the model's own directions new figures, and changes nothing else.
  const vector = Array.from({ length: read.latent.dim }, () => 0.5);
  const own = [
    { name: 'hat', vector, figures: { success: 1, othersMoved: 0, classifierQuality: 1 } },
    { name: 'principal 1', vector, figures: { eigenvalueShare: 0.25 } },
  ];
  writeFileSync(file, JSON.stringify({ ...read, directions: own }));
  const measured = await dcgan('directions', model, '--measure', '--steps', '30');
  assert.is(measured.code, 0, measured.stderr);
  const [hat, principal] = parseModel(JSON.parse(readFileSync(file, 'utf8')), file).directions;
  assert.equal(hat!.vector, vector);
  // The output names what changes in a tenth of the images or more, as the figures do.
  const moved = sideEffects(hat!);
  assert.is(moved.length, 17);
  const named = moved.filter(({ share }) => share >= 0.1);
  const text = named.map(({ name, share }) => `${name} ${Math.round(100 * share)}%`).join(', ');
  const said = named.length > 0 ? `also changes: ${text}` : 'each of 17 others changes in less than 10%';
  assert.ok(measured.stdout.split('\n').includes(`  ${said}`), measured.stdout);
  assert.is(hat!.figures['length'], Number(Math.hypot(...vector).toFixed(4)));
  assert.is.not(hat!.figures['classifierQuality'], 1);
  assert.equal(principal, own[1]);
  for (const [args, directed, message] of [
    [['--refine', '5'], own, /^error: --refine: has no effect with --measure$/],
    [
      [],
      own.slice(1),
      /--measure: the model has no direction called after an attribute of avatars; find some/,
    ],
  ] as const) {
    writeFileSync(file, JSON.stringify({ ...read, directions: directed }));
    const refused = await dcganInTurn('directions', model, '--measure', ...args);
    assert.is(refused.code, 2, refused.stderr);
    assert.match(refused.stderr.trim(), message);
    assert.is(refused.stderr.trim().split('\n').length, 1, refused.stderr);
  }
});

test('data without attributes, and numbers out of range, are refused with one line', async () => {
  const out = temporaryFolder();
  const pictures = await smallPictures();
  const trained = await dcgan(...smallRun(pictures, out, 2));
  const model = String(jsonLines(trained.stdout).at(-1)!['model']);
  for (const [args, message] of [
    [['directions', model, '--data', pictures], /has no attributes; expected avatars, or CelebA/],
    [['directions', model], /the model was trained on .*, and a classifier needs labelled images.*--data/],
    [['steer', model], /the model was trained on .*, and a classifier needs labelled images.*--data/],
    [['arithmetic', model, '--attributes', 'hat'], /the model was trained on .*, and a classifier needs/],
    [['arithmetic', model, '--plus', '1', '--classify'], /the model was trained on .*, and a classifier/],
    [['directions', model, '--samples', '3'], /--samples: got 3, expected a whole number from 1000/],
    [['directions', '/nowhere'], /\/nowhere: there is no such model package/],
  ] as const) {
    const { code, stderr } = await dcganInTurn(...args);
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
    assert.is(stderr.trim().split('\n').length, 1, stderr);
  }
});

test.run();
