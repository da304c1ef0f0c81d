// The commands `sample` and `export`, spawned for real: the same seed is the same picture, refusals end with 2.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Model } from '../../../runtime-web/format/model.ts';
import type { HostTensor } from '../../../trainer/graph/trace/graph.ts';
import { assertClose } from '../../shared/closeness.ts';
import { dcgan, dcganInTurn, jsonLines, smallPictures, smallRun, start } from '../../shared/command-line.ts';
import { makeTinyRun } from '../../export/tiny-run.ts';
import { runModel } from '../../graph/lower/run-graph.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';
import { smallConfig } from '../../shared/small-config.ts';
import { packageBytes } from '../../shared/package-bytes.ts';

const test = suite('export and sample');
const root = temporaryFolder();
const run = await makeTinyRun(root, smallConfig, [3, 9]);

async function pixels(path: string): Promise<{ data: Buffer; size: readonly number[] }> {
  const { data, info } = await sharp(path).raw().toBuffer({ resolveWithObject: true });
  return { data, size: [info.width, info.height, info.channels] };
}

test('export makes the package of the newest or of a named checkpoint', async () => {
  const newest = await dcgan('export', run.path, '--json');
  assert.is(newest.code, 0, newest.stderr);
  assert.is(newest.stderr, '');
  const last = jsonLines(newest.stdout).at(-1);
  assert.equal(last, { event: 'done', model: run.model, step: 9, warnings: [] });
  assert.equal(readdirSync(run.model).sort(), [
    'generator.fp16.onnx',
    'generator.onnx',
    'model.json',
    'preview.png',
  ]);

  const early = join(root, 'early');
  const named = await dcgan(
    'export',
    run.path,
    '--checkpoint',
    'step-000003',
    '--out',
    early,
    '--engine',
    'onnx-cpu',
  );
  assert.is(named.code, 0, named.stderr);
  assert.match(named.stdout, /^model +.*early \(tiny-dcgan, step 3\)$/m);
  const sha = (folder: string): string => readFileSync(join(folder, 'model.json'), 'utf8');
  assert.match(sha(early), '"steps": 3');
  assert.match(sha(run.model), '"steps": 9');
});

test('--activations adds a checked file with the output of each layer', async () => {
  const out = join(root, 'layers');
  const { code, stderr } = await dcgan('export', run.path, '--activations', '--out', out);
  assert.is(code, 0, stderr);
  const { files, parity } = JSON.parse(readFileSync(join(out, 'model.json'), 'utf8')) as Model;
  assert.is(files.activations!.file, 'activations.onnx');
  assert.ok(parity.figures.some(({ role }) => role === 'activations'));
  const z: HostTensor = {
    shape: [2, smallConfig.latent],
    dtype: 'float32',
    data: new Float32Array(16).fill(0.3),
  };
  const layers = await runModel(await packageBytes(out, 'activations'), { z });
  assert.equal(Object.fromEntries(Object.entries(layers).map(([name, { shape }]) => [name, shape])), {
    'generator/project': [2, 4, 4, 8],
    'generator/block1': [2, 8, 8, 4],
    images: [2, 16, 16, 3],
  });
  const { images } = await runModel(readFileSync(join(out, 'generator.fp16.onnx')), { z });
  assertClose(layers['images']!.data, images!.data, 1e-6, 'images');
  for (const name of ['generator/project', 'generator/block1']) {
    assert.ok(Math.min(...layers[name]!.data) === 0, 'behind a ReLU');
  }
});

test('a seed is the same picture in every grid, and another seed is another', async () => {
  const grid = join(root, 'grid.png');
  const { code, stdout, stderr } = await dcgan(
    'sample',
    run.model,
    '--seeds',
    '0-4',
    '--out',
    grid,
    '--json',
  );
  assert.is(code, 0, stderr);
  assert.is(stderr, '');
  assert.equal(jsonLines(stdout), [
    { event: 'done', out: grid, model: run.model, step: 9, images: 5, width: 48, height: 32 },
  ]);
  const { data, size } = await pixels(grid);
  assert.equal(size, [48, 32, 3]);
  const tile = (column: number, row: number): string =>
    Array.from({ length: 16 }, (_, y) => {
      const at = ((row * 16 + y) * 48 + column * 16) * 3;
      return data.subarray(at, at + 48).toString('hex');
    }).join('\n');

  const single = join(root, 'single.png');
  assert.is((await dcgan('sample', join(run.model, 'model.json'), '--seeds', '4', '--out', single)).code, 0);
  const alone = await pixels(single);
  assert.equal(alone.size, [16, 16, 3]);
  assert.is(alone.data.toString('hex'), tile(1, 1).replaceAll('\n', ''));
  assert.is(new Set([tile(0, 0), tile(1, 0), tile(2, 0), tile(0, 1), tile(1, 1)]).size, 5);

  const again = join(root, 'again.png');
  await dcgan('sample', run.model, '--seeds', '0-4', '--out', again);
  assert.equal(readFileSync(again), readFileSync(grid));
});

test('--truncation scales latents: at 0 all are one picture, at 1 nothing changes, in between they are closer to each other', async () => {
  const draw = async (truncation: string): Promise<Buffer> => {
    const out = join(root, `truncated-${truncation}.png`);
    const flags = ['--seeds', '0-3', '--columns', '1', '--truncation', truncation, '--out', out];
    const { code, stderr } = await dcganInTurn('sample', run.model, ...flags);
    assert.is(code, 0, stderr);
    return (await pixels(out)).data;
  };
  const [none, half, whole] = [await draw('0'), await draw('0.5'), await draw('1')];
  const length = none.length / 4;
  assert.equal(none.subarray(0, length), none.subarray(3 * length));
  const plain = join(root, 'plain.png');
  await dcgan('sample', run.model, '--seeds', '0-3', '--columns', '1', '--out', plain);
  assert.equal(whole, (await pixels(plain)).data);
  const distance = (a: Buffer): number => a.reduce((sum, value, i) => sum + Math.abs(value - none[i]!), 0);
  assert.ok(distance(half) < distance(whole));
});

test('a stopped run: sample says what to type, and works then; after more training it says that the model is older', async () => {
  const stopped = await makeTinyRun(temporaryFolder(), smallConfig, [3]);
  for (const path of [stopped.path, stopped.model]) {
    for (const command of ['sample', 'walk', 'arithmetic', 'directions', 'evaluate']) {
      const more = { arithmetic: ['--plus', '1'], walk: ['--from', '1', '--to', '2'] }[command] ?? [];
      const { code, stderr } = await dcganInTurn(command, path, ...more);
      assert.is(code, 2, command);
      assert.match(
        stderr,
        /the run has no model yet, .*; make one: .* export .*00001-tiny-dcgan\n$/,
        command,
      );
    }
  }
  assert.is((await dcganInTurn('export', stopped.path)).code, 0);
  const out = join(root, 'stopped.png');
  const first = await dcganInTurn('sample', stopped.model, '--out', out);
  assert.equal([first.code, first.stderr], [0, '']);
  assert.match(first.stdout, /64 images of tiny-dcgan \(step 3\)/);

  const longer = await makeTinyRun(temporaryFolder(), smallConfig, [3, 9]);
  await dcganInTurn('export', longer.path, '--checkpoint', 'step-000003');
  const second = await dcganInTurn('sample', longer.path, '--out', out);
  assert.is(second.code, 0);
  assert.match(
    second.stderr,
    /the model is of step 3, and the run has a checkpoint of step 9; to use it: .* export /,
  );
});

test('a model keeps directions and metrics when it is exported again, and loses them with a warning for other weights', async () => {
  const twice = await makeTinyRun(temporaryFolder(), smallConfig, [3, 9]);
  const found = (): number =>
    (JSON.parse(readFileSync(join(twice.model, 'model.json'), 'utf8')) as Model).directions.length;
  await dcganInTurn('export', twice.path, '--checkpoint', 'step-000003');
  await dcganInTurn('directions', twice.path, '--method', 'sefa', '--count', '2');
  assert.is(found(), 2);
  const same = await dcganInTurn('export', twice.path, '--checkpoint', 'step-000003', '--activations');
  assert.equal([same.code, same.stderr, found()], [0, '', 2]);
  const newer = await dcganInTurn('export', twice.path);
  assert.equal([newer.code, found()], [0, 0]);
  assert.match(newer.stderr, /warning: the model that was here \(step 3\) had directions \(find them again/);
});

test('--columns and --scale lay the grid out', async () => {
  const out = join(root, 'wide.png');
  const { code, stderr } = await dcgan(
    'sample',
    run.path,
    '--seeds',
    '1,5,9,2',
    '--columns',
    '4',
    '--scale',
    '2',
    '--out',
    out,
  );
  assert.is(code, 0, stderr);
  const { data, size } = await pixels(out);
  assert.equal(size, [128, 32, 3]);
  // Every pixel is a square of two by two.
  assert.equal(data.subarray(0, 3), data.subarray(3, 6));
  assert.equal(data.subarray(0, 384), data.subarray(384, 768));
});

// Each ends with 2, one line on stderr and nothing on stdout or on disk.
const places = join(root, 'refused');
mkdirSync(places);
writeFileSync(join(places, 'file'), '');
const out = join(places, 'x.png');
const refused: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['no model', ['sample'], /missing required argument 'model'/],
  [
    'a model that is not there',
    ['sample', 'nowhere', '--out', out],
    /nowhere: there is no such model package/,
  ],
  ['a folder without one', ['sample', places, '--out', out], /no model package/],
  [
    'a truncation out of range',
    ['sample', run.model, '--truncation', '5', '--out', out],
    /--truncation: got 5, expected a number from 0 to 4/,
  ],
  ['seeds that are none', ['sample', run.model, '--seeds', 'a-b', '--out', out], /--seeds a-b: got 'a-b'/],
  ['a backward range', ['sample', run.model, '--seeds', '9-1', '--out', out], /'9-1' runs backwards/],
  [
    'a scale of none',
    ['sample', run.model, '--scale', '0', '--out', out],
    /--scale: got 0, expected a whole/,
  ],
  ['columns of a half', ['sample', run.model, '--columns', '1.5', '--out', out], /--columns: got 1\.5/],
  [
    'a grid too large',
    ['sample', run.model, '--seeds', '0-99999', '--scale', '64', '--out', out],
    /fewer --seeds/,
  ],
  [
    'a name that is no png',
    ['sample', run.model, '--out', `${out}.txt`],
    /expected the name of a \.png for a grid, a \.zip, or a folder/,
  ],
  [
    'a folder that does not exist',
    ['sample', run.model, '--seeds', '0', '--out', join(places, 'no', 'x.png')],
    /cannot write .*x\.png: its folder does not exist/,
  ],
  [
    'a file for a folder',
    ['sample', run.model, '--seeds', '0', '--out', join(places, 'file', 'x.png')],
    /a part of its path is a file/,
  ],
  [
    'an unknown flag',
    ['sample', run.model, '--seed', '1'],
    /unknown option '--seed' \(did you mean --seeds\?\)/,
  ],
  ['a run that is none', ['export', places], /not a run folder/],
  [
    'a checkpoint that is not there',
    ['export', run.path, '--checkpoint', '4'],
    /there are: step-000009, step-000003/,
  ],
  [
    'an engine that is none',
    ['export', run.path, '--engine', 'gpu'],
    /'gpu' is invalid. Allowed choices are auto/,
  ],
  ['an engine that cannot start', ['export', run.path, '--engine', 'tensorflow-cuda'], /tensorflow-cuda: /],
  [
    'a place that holds other things',
    ['export', run.path, '--out', places],
    /holds other files than a model package/,
  ],
];

for (const [name, args, message] of refused) {
  test(`${name} is one line and exit 2`, async () => {
    const { code, stdout, stderr } = await dcganInTurn(...args);
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
    // The reasons of engines are listed below the line.
    assert.match(stderr, args.includes('tensorflow-cuda') ? /^error: / : /^error: [^\n]*\n$/);
    assert.is(stdout.replaceAll(/^folding batch norm\n/g, ''), '');
    assert.equal(readdirSync(places), ['file']);
  });
}

test('a run with its only checkpoint damaged says so', async () => {
  const bad = await makeTinyRun(join(root, 'bad'), smallConfig, [5]);
  writeFileSync(join(bad.checkpoints, 'step-000005.safetensors'), 'short');
  const { code, stderr } = await dcgan('export', bad.path);
  assert.is(code, 2);
  assert.match(
    stderr,
    /^error: no checkpoint in .* can be read: .*step-000005\.safetensors: truncated[^\n]*\n$/,
  );
  assert.equal(readdirSync(bad.path).sort(), ['checkpoints', 'config.json']);
});

test('Ctrl-C while files are compared ends with 130 and leaves nothing', async () => {
  const stopped = await makeTinyRun(join(root, 'stopped'), smallConfig);
  const exporting = start(['export', stopped.path]);
  await exporting.printed('comparing generator.onnx');
  exporting.kill('SIGINT');
  const { code, stdout } = await exporting.ended;
  assert.is(code, 130);
  assert.not.match(stdout, 'model ');
  assert.equal(readdirSync(stopped.path).sort(), ['checkpoints', 'config.json']);
});

test('training ends with a model that draws the pictures of the last grid', async () => {
  const trained = await dcgan(...smallRun(await smallPictures(), join(root, 'runs'), 4));
  assert.is(trained.code, 0, trained.stderr);
  const { runDir, model } = jsonLines(trained.stdout).at(-1) as { runDir: string; model: string };
  assert.is(model, join(runDir, 'model'));
  const drawn = join(root, 'drawn.png');
  assert.is((await dcgan('sample', model, '--seeds', '0-3', '--out', drawn)).code, 0);
  const [a, b] = [await pixels(drawn), await pixels(join(runDir, 'samples', 'step-000004.png'))];
  assert.equal(a.size, b.size);
  const apart = a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i]!)), 0);
  assert.ok(apart <= 1, `grids differ by ${apart} grey levels`);
  const levels = new Set(a.data);
  assert.ok(levels.size > 10, 'the grid is flat');
});

test.run();
