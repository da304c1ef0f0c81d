// Checkpoints: saved completely or not at all, and altered ones are detected.
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CheckpointError } from '../../trainer/errors.ts';
import { defaultConfig } from '../../trainer/config/fields.ts';
import type { CheckpointMetadata } from '../../trainer/run/checkpoint.ts';
import {
  checkpointName,
  listCheckpoints,
  loadCheckpoint,
  loadNewestCheckpoint,
  NotFiniteError,
  saveCheckpoint,
} from '../../trainer/run/checkpoint.ts';
import type { HostTensor } from '../../trainer/graph/trace/graph.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('checkpoint');

const state = (value: number): Record<string, HostTensor> => ({
  'generator/project/kernel': { shape: [2, 2], dtype: 'float32', data: Float32Array.of(value, 2, 3, 1e-30) },
  counter: { shape: [], dtype: 'int32', data: Int32Array.of(value) },
});

const metadata = (step: number): CheckpointMetadata => ({
  step,
  images: step * 64,
  stepSeconds: 1 / 3,
  secondsElapsed: 0.1 + 0.2,
  random: [1, 2, 3, 4294967295],
  rollbacks: 0,
  sampler: { count: 500, epoch: 3, position: 7, flips: [0, 2, 3, 4294967295] },
  gathered: {
    sums: { dLoss: 0.1, gLoss: 1 / 3, dReal: 1e-30, dFake: 0 },
    count: 3,
    images: 192,
    seconds: 0.7,
    diversity: 0.9,
    evaluation: null,
  },
  augmentation: {
    probability: 1 / 7,
    signs: { sum: 0.1 + 0.2, steps: 3 },
    reported: { sum: -1 / 3, steps: 9 },
  },
  config: defaultConfig,
  engine: { engine: 'onnx-cpu', threads: 2 },
  dataset: { name: 'avatars' },
});

test('a checkpoint comes back as it was, numbers to the last bit', async () => {
  const folder = temporaryFolder();
  const path = await saveCheckpoint(folder, state(1), metadata(5), 3);
  assert.is(basename(path), 'step-000005.safetensors');
  const loaded = await loadCheckpoint(path);
  assert.equal(loaded.state, state(1));
  assert.equal(loaded.metadata, metadata(5));
});

test('the newest N are kept, by number and not by name, and no temporary file stays', async () => {
  const folder = temporaryFolder();
  for (const step of [999_998, 999_999, 1_000_000, 1_000_001]) {
    await saveCheckpoint(folder, state(step), metadata(step), 2);
  }
  assert.equal((await readdir(folder)).sort(), ['step-1000000.safetensors', 'step-1000001.safetensors']);
  const newest = await listCheckpoints(folder);
  assert.equal(
    newest.map((path) => basename(path)),
    [checkpointName(1_000_001), checkpointName(1_000_000)],
  );
});

for (const value of [NaN, Infinity, -Infinity]) {
  test(`a state with ${value} in it is not written`, async () => {
    const folder = temporaryFolder();
    await saveCheckpoint(folder, state(1), metadata(1), 3);
    try {
      await saveCheckpoint(folder, state(value), metadata(2), 3);
      assert.unreachable('it was written');
    } catch (error) {
      assert.instance(error, NotFiniteError);
      assert.is((error as NotFiniteError).tensor, 'generator/project/kernel');
    }
    assert.equal(await readdir(folder), [checkpointName(1)]);
  });
}

test('a flipped bit anywhere in the file is found', async () => {
  const folder = temporaryFolder();
  const path = await saveCheckpoint(folder, state(1), metadata(5), 3);
  const good = await readFile(path);
  for (let at = 0; at < good.length; at += 7) {
    const bad = Buffer.from(good);
    bad[at]! ^= 1;
    await writeFile(path, bad);
    try {
      await loadCheckpoint(path);
      assert.unreachable(`a flip at byte ${at} was not found`);
    } catch (error) {
      assert.instance(error, CheckpointError, `byte ${at}: ${(error as Error).message}`);
    }
  }
});

test('a truncated newest checkpoint gives a warning and the one before it is used', async () => {
  const folder = temporaryFolder();
  await saveCheckpoint(folder, state(1), metadata(1), 3);
  const newer = await saveCheckpoint(folder, state(2), metadata(2), 3);
  await truncate(newer, 300);
  const found = await loadNewestCheckpoint(folder);
  assert.is(found?.checkpoint.metadata.step, 1);
  assert.is(found?.complaints.length, 1);
  assert.match(found?.complaints[0] ?? '', 'step-000002.safetensors: truncated: 300 bytes');
});

test('a folder without checkpoints gives null, one with none that can be read throws', async () => {
  const folder = temporaryFolder();
  assert.is(await loadNewestCheckpoint(folder), null);
  await writeFile(join(folder, checkpointName(3)), 'not a checkpoint, whatever it is called');
  try {
    await loadNewestCheckpoint(folder);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, CheckpointError);
    assert.match((error as Error).message, 'no checkpoint in');
  }
});

test('a full disk leaves the older checkpoint and no part of the new one', async () => {
  const folder = temporaryFolder();
  await saveCheckpoint(folder, state(1), metadata(1), 3);
  // A path that cannot be opened simulates a failing disk: the checkpoint's name is that of a folder.
  const { mkdir } = await import('node:fs/promises');
  await mkdir(join(folder, checkpointName(2)));
  try {
    await saveCheckpoint(folder, state(2), metadata(2), 1);
    assert.unreachable();
  } catch (error) {
    assert.match(String((error as NodeJS.ErrnoException).code), /EISDIR|ENOTEMPTY|EPERM|EEXIST/);
  }
  assert.equal((await readdir(folder)).sort(), [checkpointName(1), checkpointName(2)]);
  assert.equal((await loadCheckpoint(join(folder, checkpointName(1)))).state, state(1));
});

test('a checkpoint whose metadata make no sense is refused with a message, and the one before it is used', async () => {
  const folder = temporaryFolder();
  const good = await saveCheckpoint(folder, state(1), metadata(1), 9);
  const crafted: readonly object[] = [
    { step: NaN },
    { step: -1 },
    { step: 1.5 },
    { images: 'many' },
    { stepSeconds: -1 },
    { random: [1, 2] },
    { random: [1, 2, 3, -(2 ** 31) - 1] },
    { rollbacks: -1 },
    { dataset: null },
    { engine: null },
    ...Object.entries({
      count: [0, 1.5, '500'],
      epoch: [-1, null],
      position: [-1, 501],
      flips: [null, [1, 2, 3], [1, 2, 3, 4, 5], [1, 2, 3, 2 ** 32]],
      other: [1],
    }).flatMap(([key, values]) =>
      values.map((value) => ({ sampler: { ...metadata(2).sampler, [key]: value } })),
    ),
    ...Object.entries({
      sums: [null, {}, { ...metadata(2).gathered.sums, dLoss: 'low' }],
      count: [-1],
      images: [0.5],
      seconds: [-1, NaN],
      diversity: ['high'],
      evaluation: [[], { frechet: -1 }],
    }).flatMap(([key, values]) =>
      values.map((value) => ({ gathered: { ...metadata(2).gathered, [key]: value } })),
    ),
    { gathered: 7 },
  ];
  for (const change of crafted) {
    const elsewhere = temporaryFolder();
    const path = await saveCheckpoint(elsewhere, state(2), { ...metadata(2), ...change }, 9);
    await writeFile(join(folder, checkpointName(2)), await readFile(path));
    const error = await loadCheckpoint(join(folder, checkpointName(2))).catch((thrown: unknown) => thrown);
    assert.instance(error, CheckpointError, JSON.stringify(change));
    assert.match((error as Error).message, Object.keys(change)[0]!);
    assert.is((await loadNewestCheckpoint(folder))?.checkpoint.path, good);
  }
});

test.run();
