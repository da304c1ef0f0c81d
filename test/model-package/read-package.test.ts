// Reading packages that cannot be trusted: missing, truncated, altered files.
import { appendFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { selectEngine } from '../../trainer/engine/select-engine.ts';
import { UserError } from '../../trainer/errors.ts';
import { drawSeeds } from '../../trainer/model-package/draw-seeds.ts';
import { exportRun } from '../../trainer/export/export-run.ts';
import { findCheckpoint } from '../../trainer/run/find-checkpoint.ts';
import { openPackage } from '../../trainer/model-package/read-package.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { smallConfig } from '../shared/small-config.ts';
import { makeTinyRun } from '../export/tiny-run.ts';

const test = suite('openPackage()');
const root = temporaryFolder();
const { signal } = new AbortController();
let good = '';

/** A copy of the good package, altered. */
async function altered(name: string, alter: (folder: string) => Promise<unknown>): Promise<string> {
  const folder = join(root, name);
  await cp(good, folder, { recursive: true });
  await alter(folder);
  return folder;
}

/** The package with one key of model.json set. */
function withKey(name: string, set: (json: Record<string, unknown>) => void): Promise<string> {
  return altered(name, async (folder) => {
    const path = join(folder, 'model.json');
    const json = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    set(json);
    await writeFile(path, JSON.stringify(json));
  });
}

async function failure(path: string): Promise<string> {
  try {
    const opened = await openPackage(path);
    for await (const image of drawSeeds(opened, [1], signal)) assert.ok(image);
  } catch (error) {
    assert.instance(error, UserError, (error as Error).stack);
    assert.not.match((error as Error).message, /\n/);
    return (error as Error).message;
  }
  return 'drawn';
}

test.before(async () => {
  const run = await makeTinyRun(root, smallConfig);
  const { checkpoint } = await findCheckpoint(run, null);
  const { engine } = await selectEngine({ engine: 'onnx-cpu', threads: 1 });
  good = (await exportRun({ folder: run, checkpoint, engine, signal })).folder;
  await engine.dispose();
});

test('a package opens by its folder, its model.json or its run, and draws', async () => {
  for (const path of [good, join(good, 'model.json'), join(good, '..')]) {
    assert.is((await openPackage(path)).folder, good);
    assert.is(await failure(path), 'drawn');
  }
});

test('missing files are named', async () => {
  assert.match(await failure(join(root, 'nowhere')), /nowhere: there is no such model package/);
  assert.match(await failure(join(good, 'model.json', 'x')), /there is no such model package/);
  await mkdir(join(root, 'empty'));
  assert.match(await failure(join(root, 'empty')), /no model package \(it has no model\.json\)/);
});

test('a model.json that is not one is refused', async () => {
  const text = await altered('text', (folder) => writeFile(join(folder, 'model.json'), 'model'));
  assert.match(await failure(text), /model\.json: not JSON/);
  assert.match(await failure(join(good, 'preview.png')), /preview\.png: not JSON/);
  const channels = await withKey('channels', (json) => (json['channels'] = 2));
  assert.match(await failure(channels), /model\.json: channels: got 2, expected 1 or 3/);
  const newer = await withKey('newer', (json) => (json['formatVersion'] = '2.0'));
  assert.match(await failure(newer), /newer version of this software; update it/);
});

test('a generator that is missing, cut short or altered is refused', async () => {
  const missing = await altered('missing', (folder) => rm(join(folder, 'generator.onnx')));
  assert.match(
    await failure(missing),
    /generator\.onnx: named in model\.json and cannot be read: it is not there/,
  );
  const longer = await altered('longer', (folder) => appendFile(join(folder, 'generator.onnx'), 'x'));
  assert.match(await failure(longer), /generator\.onnx: got \d+ bytes, expected \d+ by model\.json/);
  const flipped = await altered('flipped', async (folder) => {
    const path = join(folder, 'generator.onnx');
    const content = await readFile(path);
    content[content.length >> 1]! ^= 1;
    await writeFile(path, content);
  });
  assert.match(await failure(flipped), /generator\.onnx: got sha256 [0-9a-f]{64}, expected [0-9a-f]{64} by/);
});

test('a file that matches model.json but is no generator of that size is refused', async () => {
  const other = await withKey('other', (json) => {
    const files = json['files'] as Record<string, unknown>;
    files['generator'] = files['preview'];
  });
  assert.match(await failure(other), /preview\.png: cannot be run/);
  const size = await withKey('size', (json) => (json['imageSize'] = 32));
  assert.match(await failure(size), /draws \[1,16,16,3\], expected \[1,32,32,3\]/);
  const classes = await withKey('classes', (json) => {
    json['conditioning'] = { kind: 'classes', names: ['a', 'b'] };
  });
  assert.match(await failure(classes), /takes z, expected z, labels/);
});

test('a role that the package lacks is named', async () => {
  const opened = await openPackage(good);
  try {
    await opened.readFile('discriminator');
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, "the model has no file for 'discriminator'");
  }
});

test.run();
