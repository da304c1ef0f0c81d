// stats.jsonl: a line a report, cut back to the step that a run resumes from.
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { StatsLine } from '../../trainer/run/stats.ts';
import { appendStats, readStats, truncateStats } from '../../trainer/run/stats.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('stats');

const line = (step: number): StatsLine => ({
  step,
  images: step * 64,
  imagesPerSecond: 1.5,
  dLoss: 0.1 + 0.2,
  gLoss: null,
  dReal: 0.5,
  dFake: 0.25,
  augmentProbability: null,
  dSign: null,
  secondsElapsed: step / 3,
  frechet: null,
  kid: null,
  precision: null,
  recall: null,
  network: null,
  diversity: null,
  collapse: null,
});

test('lines come back as they were written, one to a line', async () => {
  const path = join(temporaryFolder(), 'stats.jsonl');
  for (const step of [10, 20]) await appendStats(path, line(step));
  assert.equal(await readStats(path), [line(10), line(20)]);
  assert.is((await readFile(path, 'utf8')).split('\n').length, 3);
});

test('a record that is not there yet is empty, and can be truncated', async () => {
  const path = join(temporaryFolder(), 'stats.jsonl');
  assert.equal(await readStats(path), []);
  assert.equal(await truncateStats(path, 5), []);
});

test('resuming keeps the lines up to its step and drops a torn last one', async () => {
  const path = join(temporaryFolder(), 'stats.jsonl');
  for (const step of [10, 20, 30]) await appendStats(path, line(step));
  await appendFile(path, '{"step":15}\n{"step":16,"images":null}\n{"step":4');
  assert.equal(await truncateStats(path, 20), [line(10), line(20)]);
  await appendStats(path, line(30));
  assert.equal(await readStats(path), [line(10), line(20), line(30)]);
});

test.run();
