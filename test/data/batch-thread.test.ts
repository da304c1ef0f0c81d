// Batches from another thread are those that a sampler in this one draws, bit for bit, and so is its cursor.
import { square } from '../../runtime-web/format/image-shape.ts';
import { rmSync, truncateSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BatchSampler } from '../../trainer/data/batch-sampler.ts';
import { BatchThread } from '../../trainer/data/batch-thread.ts';
import { datasetOf } from '../../trainer/data/dataset.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { syntheticSource } from './synthetic-source.ts';

const test = suite('BatchThread');
const worker = pathToFileURL(resolve('dist', 'trainer', 'batch-thread-worker.js'));
const options = { batch: 8, seed: 3, flip: true, condition: [{ index: 1, factor: 2, offset: -1 }] };
const numbers = () =>
  datasetOf(syntheticSource({ count: 50, channels: 3, classes: 7, attributes: 2 }), {
    ...square(4),
    channels: 3,
    cacheFolder: temporaryFolder(),
  });

test('it draws the same batches, over epochs, and goes on from the same cursor', async () => {
  const dataset = await numbers();
  const sampler = new BatchSampler(dataset, options);
  const thread = await BatchThread.start(dataset, options, worker);
  let half = thread.state;
  for (let i = 0; i < 20; i++) {
    assert.equal(thread.state, sampler.state);
    assert.equal(await thread.next(), await sampler.next());
    if (i === 9) half = thread.state;
  }
  await thread.close();
  const again = new BatchSampler(dataset, { ...options, state: half });
  const resumed = await BatchThread.start(dataset, { ...options, state: half }, worker);
  for (let i = 0; i < 5; i++) assert.equal(await resumed.next(), await again.next());
  await resumed.close();
  for (const each of [sampler, again]) await each.close();
  await dataset.close();
});

test('an error in the thread is thrown here, with the same class', async () => {
  const dataset = await numbers();
  const messages: string[] = [];
  const collect = (error: Error): void => void messages.push(`${error.name}: ${error.message}`);
  await BatchThread.start(dataset, { ...options, batch: 51 }, worker).catch(collect);
  const thread = await BatchThread.start(dataset, options, worker);
  truncateSync(dataset.cachePath, 200);
  for (let i = 0; i < 3; i++) await thread.next().catch(collect);
  await thread.close();
  rmSync(dataset.cachePath);
  await BatchThread.start(dataset, options, worker).catch(collect);
  await dataset.close();
  assert.match(messages[0]!, /UserError: .*50 images are fewer than one batch of 51/);
  assert.match(messages[1]!, /UserError: cache .* has been damaged/);
  assert.match(messages.at(-1)!, /UserError: cache .*: has been removed or damaged/);
});

test.run();
