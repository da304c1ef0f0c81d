// Calibration of the discriminator's file, by the real command on a small run of relativistic pairing, whose zero means nothing.
import { mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Model } from '../../runtime-web/format/model.ts';
import { parseModel } from '../../runtime-web/format/parse-model.ts';
import { drawLatents } from '../../trainer/model-package/draw-latents.ts';
import { openPackage } from '../../trainer/model-package/read-package.ts';
import { latentFromSeed } from '../../runtime-web/format/random.ts';
import { toFloats } from '../../trainer/pictures/pixels.ts';
import { findCheckpoint } from '../../trainer/run/find-checkpoint.ts';
import { saveCheckpoint } from '../../trainer/run/checkpoint.ts';
import { openRunFolder } from '../../trainer/run/run-folder.ts';
import type { HostTensor } from '../../trainer/graph/trace/graph.ts';
import { dcgan, jsonLines, smallPictures, smallRun } from '../shared/command-line.ts';
import { runModel } from '../graph/lower/run-graph.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('export of a calibrated discriminator');
const root = temporaryFolder();
const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));

// 160 pictures to train on, and 60 in the data's test part.
const data = await smallPictures(220);
const pictures = readdirSync(data).sort();
for (const part of ['train', 'test']) mkdirSync(join(data, part));
for (const [i, file] of pictures.entries()) {
  renameSync(join(data, file), join(data, i % 11 < 8 ? 'train' : 'test', file));
}
const moved = join(root, 'moved');
const trained = await dcgan(...smallRun(data, join(root, 'runs'), 60), '--objective', 'relativistic');
const run = join(root, 'runs', readdirSync(join(root, 'runs'))[0]!);

const exportTo = (name: string, ...flags: readonly string[]) => exportOf(run, name, ...flags);

async function exportOf(from: string, name: string, ...flags: readonly string[]) {
  const out = join(root, name);
  const ending = await dcgan('export', from, '--discriminator', '--out', out, '--json', ...flags);
  assert.is(ending.code, 0, ending.stderr);
  const model: Model = parseModel(JSON.parse(readFileSync(join(out, 'model.json'), 'utf8')), 'model.json');
  const warnings = jsonLines(ending.stdout).at(-1)!['warnings'] as readonly string[];
  return { out, model, file: readFileSync(join(out, 'discriminator.onnx')), warnings, stderr: ending.stderr };
}

/** The test part of the data at `folder`, as it was written. */
async function heldOut(folder: string): Promise<HostTensor> {
  const names = readdirSync(join(folder, 'test')).sort();
  const images = await Promise.all(
    names.map((name) =>
      sharp(join(folder, 'test', name))
        .raw()
        .toBuffer(),
    ),
  );
  return { shape: [names.length, 16, 16, 3], dtype: 'float32', data: toFloats(Buffer.concat(images)) };
}

/** The logits of images [n, h, w, c]. */
async function logitsOf(file: Uint8Array, images: HostTensor): Promise<readonly number[]> {
  return Array.from((await runModel(file, { images }))['logits']!.data as Float32Array);
}

/** Images of a package's generator for the seeds 0 to `count` - 1. */
async function generated(folder: string, count: number): Promise<HostTensor> {
  const latents = Array.from({ length: count }, (_, seed) => latentFromSeed(seed, 8, 'uniform'));
  const images: number[] = [];
  const opened = await openPackage(folder);
  for await (const image of drawLatents(opened, latents, new AbortController().signal))
    images.push(...image.data);
  return { shape: [count, 16, 16, 3], dtype: 'float32', data: Float32Array.from(images) };
}

/** Adds `shift` to D's logits of the run's newest checkpoint, after multiplying them by `sign`. */
async function changeLogits(sign: 1 | -1, shift: number): Promise<void> {
  const { folder } = await openRunFolder(run);
  const { checkpoint } = await findCheckpoint(folder, 'last');
  const { state, metadata } = checkpoint;
  const changed = (name: string, change: (value: number) => number) => ({
    [name]: { ...state[name]!, data: Float32Array.from(state[name]!.data, change) },
  });
  const next = {
    ...state,
    ...changed('discriminator/logit/kernel', (value) => sign * value),
    ...changed('discriminator/logit/bias', (value) => sign * value + shift),
  };
  await saveCheckpoint(folder.checkpoints, next, metadata, 9);
}

let first: Awaited<ReturnType<typeof exportTo>>;
let raw: typeof first;

test('a trained run exports a discriminator that is calibrated on images held out of training, twice the same', async () => {
  assert.is(trained.code, 0, trained.stderr);
  first = await exportTo('first');
  const { scale, offset, protocol } = first.model.calibration!;
  assert.ok(scale > 0 && Number.isFinite(offset));
  assert.equal(protocol, {
    images: 60,
    dataset: protocol['dataset'],
    part: 'held-out',
    firstSeed: 3_000_000_000,
  });
  assert.is(first.stderr, '');
  assert.equal(first.warnings, []);
  const again = await exportTo('again');
  assert.ok(again.file.equals(first.file));
  assert.equal(again.model, first.model);
});

test('without its data a run exports raw logits and says so in one line, and the record is null', async () => {
  renameSync(data, moved);
  raw = await exportTo('raw');
  assert.is(raw.model.calibration, null);
  assert.is(raw.stderr.trim().split('\n').length, 1);
  assert.match(
    raw.stderr,
    /^warning: discriminator\.onnx has raw logits, .*images are not at hand .*give --data with their present path$/m,
  );
  assert.is(raw.warnings.length, 1);
  const { calibration } = (await exportTo('found', '--data', moved)).model;
  const { scale, offset } = first.model.calibration!;
  assert.equal([calibration!.scale, calibration!.offset], [scale, offset]);
});

test('the calibrated logits of real pictures are scale · raw + offset', async () => {
  const { scale, offset } = first.model.calibration!;
  const images = await heldOut(moved);
  const [found, expected] = [await logitsOf(first.file, images), await logitsOf(raw.file, images)];
  for (const [i, logit] of found.entries()) {
    assert.ok(
      Math.abs(logit - (scale * expected[i]! + offset)) < 1e-4 * Math.max(1, Math.abs(logit)),
      `${i}`,
    );
  }
  assert.ok(Math.max(...found) - Math.min(...found) > 1e-3);
});

test('about half of a balanced set is called real, even where the raw logits call everything real', async () => {
  await changeLogits(1, 40);
  const [shifted, shiftedRaw] = [await exportTo('shifted', '--data', moved), await exportTo('shifted-raw')];
  const [real, fakes] = [await heldOut(moved), await generated(first.out, 60)];
  const logits = async (file: Uint8Array) => [
    ...(await logitsOf(file, real)),
    ...(await logitsOf(file, fakes)),
  ];
  const shareReal = (list: readonly number[]) => list.filter((logit) => logit >= 0).length / list.length;
  assert.is(shareReal(await logits(shiftedRaw.file)), 1);
  const found = await logits(shifted.file);
  assert.ok(Math.abs(shareReal(found) - 0.5) < 0.2, `${shareReal(found)}`);
  const mean = found.reduce((sum, logit) => sum + sigmoid(logit), 0) / found.length;
  assert.ok(Math.abs(mean - 0.5) < 0.1, `${mean}`);
  // The probabilities are those of the run before its logits were shifted.
  const before = await logits(first.file);
  for (const [i, logit] of found.entries()) assert.ok(Math.abs(sigmoid(logit) - sigmoid(before[i]!)) < 0.01);
});

test('a discriminator that prefers generated images stays as it is, with a warning', async () => {
  await changeLogits(-1, 0);
  const { model, warnings, stderr } = await exportTo('turned', '--data', moved);
  assert.is(model.calibration, null);
  assert.is(warnings.length, 1);
  assert.match(
    stderr,
    /^warning: .*logits of 60 real images .* are not above those of as many generated ones$/m,
  );
});

test('data without a test part are calibrated on their training images, for a generator with codes too', async () => {
  const runs = join(root, 'codes');
  const codes = await dcgan(
    ...smallRun(join(moved, 'test'), runs, 2),
    '--condition',
    'info',
    '--codes',
    'categorical:3,continuous:2',
  );
  assert.is(codes.code, 0, codes.stderr);
  const { model } = await exportOf(join(runs, readdirSync(runs)[0]!), 'with-codes');
  const { part, images } = model.calibration!.protocol;
  assert.equal([part, images], ['training', 60]);
});

test.run();
