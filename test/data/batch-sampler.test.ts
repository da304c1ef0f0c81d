// Batches: every epoch is a permutation, flips are mirrors, and a saved cursor goes on exactly.
import { square } from '../../runtime-web/format/image-shape.ts';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { DataPosition } from '../../runtime-web/format/training/batch-order.ts';
import type { Batch, BatchSamplerOptions } from '../../trainer/data/batch-sampler.ts';
import { BatchSampler } from '../../trainer/data/batch-sampler.ts';
import type { Dataset } from '../../trainer/data/dataset.ts';
import { datasetOf } from '../../trainer/data/dataset.ts';
import { fieldOf } from '../../trainer/config/fields.ts';
import { UserError } from '../../trainer/errors.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { syntheticSource } from './synthetic-source.ts';
import { noSurvey } from './no-survey.ts';

const test = suite('BatchSampler');
const options: BatchSamplerOptions = { batch: 8, seed: 3, flip: false };
const opened: Dataset[] = [];

async function numbers(count: number, more: { classes?: number; channels?: 1 | 3 } = {}): Promise<Dataset> {
  const channels = more.channels ?? 1;
  const source = syntheticSource({ count, channels, classes: more.classes ?? 0 });
  const dataset = await datasetOf(source, { ...square(4), channels, cacheFolder: temporaryFolder() });
  opened.push(dataset);
  return dataset;
}

/** A dataset whose image has another byte in every place, and which can be told to fail. */
function gradients(count: number, channels: 1 | 3): Dataset & { fails: boolean; reads: number } {
  const length = 16 * channels;
  return {
    kind: 'folder',
    name: 'gradients',
    count,
    ...square(4),
    channels,
    classNames: null,
    classCounts: null,
    attributes: null,
    attributeNames: null,
    naturalSize: null,
    examples: null,
    fingerprint: '',
    contentHash: '',
    notes: [],
    cachePath: '',
    survey: noSurvey,
    skipped: { count: 0, names: [] },
    fails: false,
    reads: 0,
    async readInto(indices, target) {
      this.reads += 1;
      if (this.fails) throw new UserError('the disk is gone');
      for (let i = 0; i < indices.length; i++) {
        for (let p = 0; p < length; p++) target[i * length + p] = (indices[i]! * 5 + p) % 256;
      }
    },
    readAttributes: () => Promise.reject(new Error('none')),
    close: async () => {},
  };
}

async function take(sampler: BatchSampler, count: number): Promise<Batch[]> {
  const batches: Batch[] = [];
  for (let i = 0; i < count; i++) batches.push(await sampler.next());
  return batches;
}

const same = (a: Batch, b: Batch): boolean =>
  Buffer.from(a.images.buffer).equals(Buffer.from(b.images.buffer)) &&
  Buffer.from(a.indices.buffer).equals(Buffer.from(b.indices.buffer));

test.after(async () => {
  for (const dataset of opened) await dataset.close();
});

test('each image brings its attributes, scaled', async () => {
  const source = syntheticSource({ count: 20, attributes: 3 });
  const dataset = await datasetOf(source, { ...square(4), channels: 1, cacheFolder: temporaryFolder() });
  opened.push(dataset);
  // Attribute a of image i is i + a / 10.
  const condition = [
    { index: 2, factor: 0.5, offset: 1 },
    { index: 0, factor: -1, offset: 0 },
  ];
  const { condition: rows, indices } = await new BatchSampler(dataset, { ...options, condition }).next();
  const expected = [...indices].flatMap((i) => [(i + 0.2) / 2 + 1, -i]);
  assert.equal(
    [...rows!].map((value) => Number(value.toFixed(4))),
    expected.map((value) => Number(value.toFixed(4))),
  );
  assert.is((await new BatchSampler(dataset, options).next()).condition, null);
});

test('each epoch shows every image once, in another order; batches go on from one epoch into the next', async () => {
  const sampler = new BatchSampler(await numbers(21), options);
  const seen = (await take(sampler, 8)).flatMap(({ indices }) => [...indices]); // 64 images: three epochs and one more
  const epochs = [0, 21, 42].map((start) => seen.slice(start, start + 21));
  const all = Array.from({ length: 21 }, (_, i) => i);
  for (const epoch of epochs)
    assert.equal(
      epoch.toSorted((a, b) => a - b),
      all,
    );
  assert.is(new Set(epochs.map((epoch) => epoch.join())).size, 3);
  assert.is.not(epochs[0]!.join(), all.join());
  await sampler.close();
});

test('bytes become [-1, 1]: 0 is -1, 255 is 1, in between linear; the pixels are those of the indices', async () => {
  const sampler = new BatchSampler(gradients(60, 3), { ...options, batch: 60 });
  const { images, indices, labels } = await sampler.next();
  assert.is(labels, null);
  assert.is(images.length, 60 * 48);
  for (const [i, index] of indices.entries()) {
    for (let p = 0; p < 48; p++) {
      assert.is(images[i * 48 + p], Math.fround(((index * 5 + p) % 256) / 127.5 - 1));
    }
  }
  assert.is(Math.max(...images), 1);
  assert.is(Math.min(...images), -1);
  await sampler.close();
});

test('labels go with their images', async () => {
  const sampler = new BatchSampler(await numbers(50, { classes: 7 }), options);
  for (const { indices, labels } of await take(sampler, 10)) {
    assert.equal(
      [...labels!],
      [...indices].map((index) => index % 7),
    );
  }
  await sampler.close();
});

test('the same seed gives the same batches bit for bit, another seed another order', async () => {
  const dataset = gradients(100, 1);
  const [a, b, c] = await Promise.all(
    [3, 3, 4].map((seed) => take(new BatchSampler(dataset, { batch: 8, seed, flip: true }), 5)),
  );
  assert.ok(a!.every((batch, i) => same(batch, b![i]!)));
  assert.not.ok(same(a![0]!, c![0]!));
});

for (const channels of [1, 3] as const) {
  test(`flips mirror about half of the images, and only left to right (${channels} channels)`, async () => {
    const sampler = new BatchSampler(gradients(400, channels), { batch: 400, seed: 8, flip: true });
    const plain = new BatchSampler(gradients(400, channels), { batch: 400, seed: 8, flip: false });
    const [flipped, straight] = [await sampler.next(), await plain.next()];
    assert.equal(flipped.indices, straight.indices);
    let mirrored = 0;
    for (let i = 0; i < 400; i++) {
      const length = 16 * channels;
      const was = straight.images.subarray(i * length, (i + 1) * length);
      const is = flipped.images.subarray(i * length, (i + 1) * length);
      if (is.every((value, p) => value === was[p])) continue;
      mirrored += 1;
      for (let y = 0; y < 4; y++)
        for (let x = 0; x < 4; x++)
          for (let c = 0; c < channels; c++) {
            assert.is(is[(y * 4 + x) * channels + c], was[(y * 4 + 3 - x) * channels + c]);
          }
    }
    // Within four standard deviations of 200.
    assert.ok(Math.abs(mirrored - 200) < 40, `${mirrored} of 400`);
    await sampler.close();
    await plain.close();
  });
}

test('a sampler made from a state goes on to the bit, from every batch, the state having been JSON', async () => {
  const dataset = gradients(21, 1);
  const flipping = { ...options, flip: true };
  const whole = new BatchSampler(dataset, flipping);
  const states: string[] = [JSON.stringify(whole.state)];
  const batches: Batch[] = [];
  for (let i = 0; i < 9; i++) {
    batches.push(await whole.next());
    states.push(JSON.stringify(whole.state));
  }
  for (let from = 0; from < 9; from++) {
    const state = JSON.parse(states[from]!) as DataPosition;
    const resumed = new BatchSampler(dataset, { ...flipping, state });
    const rest = await take(resumed, 9 - from);
    rest.forEach((batch, i) => assert.ok(same(batch, batches[from + i]!), `from ${from}, batch ${i}`));
    assert.is(JSON.stringify(resumed.state), states[9]);
  }
});

test('a batch is read ahead, and the state is that of the batches handed out', async () => {
  const dataset = gradients(21, 1);
  const sampler = new BatchSampler(dataset, options);
  const before = sampler.state;
  const first = sampler.next();
  assert.is(sampler.state, before, 'still under way');
  await first;
  assert.is(dataset.reads, 2);
  assert.is(sampler.state.position, 8);
  await sampler.close();
});

test('a failed read is thrown, does not move the state, and may be tried again', async () => {
  const dataset = gradients(21, 1);
  const expected = await take(new BatchSampler(dataset, options), 3);
  const sampler = new BatchSampler(dataset, options);
  await sampler.next();
  dataset.fails = true;
  await sampler.next(); // read ahead before the failure
  const state = sampler.state;
  const error = await sampler.next().catch((caught: unknown) => caught);
  assert.instance(error, UserError);
  assert.is(sampler.state, state);
  dataset.fails = false;
  assert.ok(same(await sampler.next(), expected[2]!));
  await sampler.close();
});

test('an abort is thrown before anything moves', async () => {
  const sampler = new BatchSampler(gradients(21, 1), options);
  const error = await sampler.next(AbortSignal.abort(new Error('enough'))).catch((caught: unknown) => caught);
  assert.is((error as Error).message, 'enough');
  assert.is(sampler.state.position, 0);
});

test('fewer images than a batch, and a state of another number of images, are refused', async () => {
  const dataset = gradients(7, 1);
  assert.throws(
    () => new BatchSampler(dataset, options),
    (error: unknown) =>
      error instanceof UserError &&
      /7 images are fewer than one batch of 8; add images, or use --batch 7/.test(error.message),
  );
  const adviceFor = (count: number): string => {
    try {
      new BatchSampler(gradients(count, 1), options);
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };
  const { accepts } = fieldOf('batch').rule;
  assert.equal([accepts(1), accepts(2)], [false, true], 'what is advised is accepted');
  assert.match(adviceFor(1), /1 image is less than one batch of 8; a batch has at least 2, so add images$/);
  assert.match(adviceFor(2), /or use --batch 2$/);
  const { state } = new BatchSampler(gradients(20, 1), options);
  assert.throws(
    () => new BatchSampler(gradients(21, 1), { ...options, state }),
    /21 images now, 20 when the run was saved/,
  );
  assert.throws(() => new BatchSampler(dataset, { ...options, batch: 0 }), /expected a positive integer/);
});

test.run();
