// Reading packages that cannot be trusted: missing, truncated, altered files.
import { createHash } from 'node:crypto';
import { appendFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  elementType,
  encodeModel,
  type OnnxNode,
  type OnnxValueInfo,
} from '../../trainer/graph/lower/onnx-schema.ts';
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
  const size = await withKey('size', (json) => (json['width'] = 32));
  assert.match(
    await failure(size),
    /'images' is float32 \[.*,16,16,3\], expected float32 \[n,16,32,3\] by its model\.json/,
  );
  const classes = await withKey('classes', (json) => {
    json['conditioning'] = { kind: 'classes', names: ['a', 'b'] };
  });
  assert.match(await failure(classes), /takes z, expected z, labels/);
});

/** The package with another generator, which model.json describes truly. */
function withGenerator(name: string, bytes: Uint8Array): Promise<string> {
  return altered(name, async (folder) => {
    await writeFile(join(folder, 'generator.onnx'), bytes);
    const path = join(folder, 'model.json');
    const json = JSON.parse(await readFile(path, 'utf8')) as { files: Record<string, object> };
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    json.files['generator'] = { file: 'generator.onnx', bytes: bytes.length, sha256 };
    await writeFile(path, JSON.stringify(json));
  });
}

/** A network from z [n, 8] to `output` through `nodes`, of which the last makes it. */
function network(
  output: OnnxValueInfo,
  nodes: readonly OnnxNode[],
  shape: readonly number[] = [],
): Uint8Array {
  const data = new BigInt64Array(shape.map(BigInt));
  return encodeModel({
    name: 'hostile',
    nodes,
    initialisers: [
      {
        name: 'shape',
        dims: [shape.length],
        data_type: elementType.int64,
        raw_data: new Uint8Array(data.buffer),
      },
    ],
    inputs: [{ name: 'z', elementType: elementType.float32, dims: ['n', smallConfig.latent] }],
    outputs: [output],
    metadata: {},
  });
}

function node(
  op_type: string,
  input: readonly string[],
  output: string,
  attributes: OnnxNode['attributes'] = {},
): OnnxNode {
  return { op_type, name: output, input, output: [output], attributes };
}

test('a generator without images, of another type, size or latent is refused before it runs', async () => {
  const float = elementType.float32;
  const dims = ['n', 16, 16, 3];
  const named = await withGenerator(
    'named',
    network({ name: 'pictures', elementType: float, dims: ['n', 8] }, [node('Tanh', ['z'], 'pictures')]),
  );
  assert.match(
    await failure(named),
    /generator\.onnx: cannot be run: the generator has no 'images', expected it \(it has: pictures\)/,
  );
  const whole = await withGenerator(
    'whole',
    network({ name: 'images', elementType: elementType.int64, dims: ['n', 8] }, [
      node('Cast', ['z'], 'images', { to: { i: elementType.int64 } }),
    ]),
  );
  assert.match(await failure(whole), /'images' is int64 \[.*\], expected float32 \[n,16,16,3\]/);
  const sum = node('ReduceSum', ['z'], 'sum');
  for (const [name, declared] of [
    ['huge', ['n', 40000, 40000, 3]],
    ['lying', dims],
    ['silent', ['n', 'h', 'w', 'c']],
  ] as const) {
    const bytes = network(
      { name: 'images', elementType: float, dims: declared },
      [sum, node('Expand', ['sum', 'shape'], 'images')],
      [1, 40000, 40000, 3],
    );
    assert.match(await failure(await withGenerator(name, bytes)), /generator\.onnx: cannot be run: /);
  }
  const latent = await withKey('latent', (json) => {
    json['latent'] = { dim: 9, distribution: 'uniform' };
  });
  assert.match(await failure(latent), /'z' is float32 \[.*\], expected float32 \[n,9\] by its model\.json/);
});

test('lists nested two hundred thousand deep are refused with a message', async () => {
  const deep = await altered('deep', async (folder) => {
    const path = join(folder, 'model.json');
    const text = await readFile(path, 'utf8');
    const lists = '['.repeat(200_000) + ']'.repeat(200_000);
    await writeFile(path, text.replace(/"name": "[^"]*"/, `"name": ${lists}`));
  });
  assert.match(await failure(deep), /model\.json: name: got a deeply nested list, expected a text/);
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
