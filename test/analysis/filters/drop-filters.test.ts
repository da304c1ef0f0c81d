// Filters that draw one thing, in a generator with known ones, and the effect of switching them off.
import * as tf from '@tensorflow/tfjs-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../runtime-web/format/random.ts';
import type {
  AttributeClassifier,
  PredictedAttribute,
} from '../../../trainer/analysis/attributes/attribute-classifier.ts';
import { findDrawingFilters } from '../../../trainer/analysis/filters/drawing-filters.ts';
import { doublings, dropFilters, randomDraws } from '../../../trainer/analysis/filters/drop-filters.ts';
import { openGeneratorProbe } from '../../../trainer/analysis/filters/generator-probe.ts';
import { insideOf } from '../../../trainer/training/architectures/table.ts';
import { selectEngine } from '../../../trainer/engine/select-engine.ts';
import type { FrozenGenerator } from '../../../trainer/frozen/frozen-networks.ts';
import { smallConfig } from '../../shared/small-config.ts';

const test = suite('filters that draw one thing');
const { signal } = new AbortController();
const [layer] = insideOf(smallConfig).layers(smallConfig).generator; // [4, 4, 8], of pictures of 16x16x3
const spotCell = 1 * 4 + 2;
const barCell = 3 * 4 + 0;

/**
 * Filter f of the layer is max(z[f], 0), filters 3 and 5 only in the cell of the spot and filter 6 only in the bar's; what a
 * cell shows in red is the sum of 3 and 5, in green 6, in blue the mean of the others.
 */
const generator: FrozenGenerator = {
  parameters: {},
  generate: () => {
    throw new Error('is not asked for');
  },
  layers(_, z, alter = (__, activation) => activation) {
    const n = z.shape[0]!;
    const cell = (index: number): tf.Tensor =>
      tf.reshape(tf.cast(tf.equal(tf.range(0, 16), index), 'float32'), [1, 16, 1]);
    const filter = (f: number): tf.Tensor =>
      tf.cast(tf.equal(tf.reshape(tf.range(0, 8), [1, 1, 8]), f), 'float32');
    const spotted = tf.add(filter(3), filter(5));
    const free = tf.sub(1, tf.add(spotted, filter(6)));
    const where = tf.add(tf.add(tf.mul(spotted, cell(spotCell)), tf.mul(filter(6), cell(barCell))), free);
    const own = tf.mul(tf.reshape(tf.relu(z), [n, 1, 8]), where); // [n, 16, 8]
    const project = alter('generator/project', tf.reshape(own, [n, 4, 4, 8]));
    const flat = tf.reshape(project, [n * 16, 8]) as tf.Tensor2D;
    const column = (weights: tf.Tensor): tf.Tensor =>
      tf.matMul(flat, tf.reshape(weights, [8, 1]) as tf.Tensor2D);
    const colours = tf.concat([column(spotted), column(filter(6)), tf.mul(column(free), 0.2)], 1);
    const cells = tf.reshape(colours, [n, 4, 1, 4, 1, 3]);
    const images = tf.reshape(tf.tile(cells, [1, 1, 4, 1, 4, 1]), [n, 16, 16, 3]);
    return { 'generator/project': project, images: tf.sub(tf.minimum(images, 2), 1) };
  },
};

const attributes: readonly PredictedAttribute[] = [
  { name: 'bar', kind: 'binary', values: null, range: [0, 1] },
  { name: 'spot', kind: 'binary', values: null, range: [0, 1] },
  { name: 'light', kind: 'continuous', values: null, range: [-1, 1] },
];
const pixelOf = (cell: number): number => (Math.floor(cell / 4) * 4 * 16 + (cell % 4) * 4) * 3;
const classifier: AttributeClassifier = {
  attributes,
  steerable: attributes,
  quality: { bar: 1, spot: 1, light: 1 },
  classify: () => {
    throw new Error('is not asked for');
  },
  predict: async (images, count) =>
    Float32Array.from({ length: count * 3 }, (_, i) => {
      const at = Math.floor(i / 3) * 768;
      const values = [images[at + pixelOf(barCell) + 1]!, images[at + pixelOf(spotCell)]!, images[at + 2]!];
      return i % 3 === 2 ? values[2]! : Number(values[i % 3]! > -0.8);
    }),
};

async function withProbe<T>(
  use: (probe: Awaited<ReturnType<typeof openGeneratorProbe>>) => Promise<T>,
): Promise<T> {
  const { engine } = await selectEngine({ engine: 'onnx-cpu', threads: 1 });
  const probe = await openGeneratorProbe(engine, generator, smallConfig, layer!);
  try {
    return await use(probe);
  } finally {
    await probe.dispose();
    await engine.dispose();
  }
}

const latents = (count: number, seed: number): Float32Array =>
  new Random(seed).fillLatent(new Float32Array(count * 8), 'uniform');
const shared = { config: smallConfig, classifier, signal };

test('the filters of the spot are found, and its place', async () => {
  await withProbe(async (probe) => {
    const found = await findDrawingFilters({
      ...shared,
      probe,
      attribute: 1,
      z: latents(600, 1),
      where: 'differ',
    });
    assert.equal(
      found.filters
        .slice(0, 2)
        .map(({ filter }) => filter)
        .sort(),
      [3, 5],
    );
    assert.ok(found.filters[1]!.weight > 5 * (found.filters[2]?.weight ?? 0));
    assert.equal(
      found.box.isInside.flatMap((is, cell) => (is ? [cell] : [])),
      [spotCell],
    );
    // Red in the spot is above what it is without; and nowhere else.
    assert.ok(found.box.meanWith[pixelOf(spotCell)]! > found.box.meanWithout[pixelOf(spotCell)]! + 0.3);
    assert.ok(found.accuracy > 0.9, `${found.accuracy}`);
    assert.ok(found.having > 300 && found.having < 550, `${found.having}`);

    const everywhere = await findDrawingFilters({
      ...shared,
      probe,
      attribute: 0,
      z: latents(600, 1),
      where: 'everywhere',
    });
    assert.is(everywhere.filters[0]!.filter, 6);
    assert.ok(everywhere.box.isInside.every((is) => is));
  });
});

test('without them no image has the attribute, other attributes stay, and random filters have no such effect', async () => {
  await withProbe(async (probe) => {
    const progress: number[] = [];
    const { before, droppings, has, pictures } = await dropFilters({
      probe,
      classifier,
      attribute: 1,
      z: latents(200, 2),
      latent: 8,
      filters: [3, 5, 0],
      steps: [1, 2],
      random: new Random(4),
      signal,
      onProgress: (done) => progress.push(done),
    });
    assert.equal(
      progress,
      Array.from({ length: 2 * (1 + randomDraws) }, (_, i) => i + 1),
    );
    const spots = before.attributes[1]!;
    assert.is(spots, has.filter(Boolean).length);
    const [one, both] = droppings;
    assert.ok(one!.without.attributes[1]! > 0 && one!.without.attributes[1]! < spots);
    assert.is(both!.without.attributes[1], 0);
    assert.is(both!.without.othersMoved, 0);
    assert.is(both!.without.attributes[0], before.attributes[0]);
    assert.ok(both!.control.attributes[1]! > spots / 2, `${both!.control.attributes[1]} of ${spots}`);
    // The last step's pictures: no red in the spot.
    has.forEach((_, i) => assert.is(pictures.without[i * 768 + pixelOf(spotCell)], -1));
    assert.ok(pictures.before.some((value, p) => value !== pictures.control[p]));
  });
});

test('an attribute that almost no image or every image has is refused', async () => {
  await withProbe(async (probe) => {
    const z = latents(100, 5).map((value, i) => (i % 8 === 3 ? 1 : value));
    try {
      await findDrawingFilters({ ...shared, probe, attribute: 1, z, where: 'differ' });
      assert.unreachable();
    } catch (error) {
      assert.match((error as Error).message, /--drop spot: 100 of 100 pictures have it .* at least 20/);
    }
  });
});

test('steps double, and end with all', () => {
  assert.equal(doublings(1), [1]);
  assert.equal(doublings(8), [1, 2, 4, 8]);
  assert.equal(doublings(11), [1, 2, 4, 8, 11]);
});

test.run();
