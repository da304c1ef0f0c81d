// `dcgan publish`, spawned: the folder has what a page needs and nothing of the machine, and is replaced only as publish left it.
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { neededFiles } from '../../trainer/publish/viewer-files.ts';
import { dcganInTurn, jsonLines, modelOf, smallPictures, smallRun, start } from '../shared/command-line.ts';
import { attributesOfColour, conditionPackage } from '../shared/condition-package.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { smallViewer } from './small-viewer.ts';

const test = suite('dcgan publish');

const viewer = smallViewer();

const filesOf = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

async function publish(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const { code, stdout, stderr } = await dcganInTurn('publish', ...args, '--viewer', viewer, '--json');
  assert.is(code, 0, stderr);
  return jsonLines(stdout).at(-1)!;
}

async function refusal(...args: readonly string[]): Promise<string> {
  const { code, stderr } = await dcganInTurn('publish', ...args);
  assert.is(code, 2, stderr);
  assert.is(
    stderr
      .replaceAll(/^warning.*\n/gm, '')
      .trim()
      .split('\n').length,
    1,
    stderr,
  );
  return stderr;
}

test('no file of a published run has a path or a folder of the machine, even of a run on private data', async () => {
  const home = join(temporaryFolder(), 'anna-secret');
  const data = join(home, 'Private Album', 'cats');
  mkdirSync(join(home, 'Private Album'), { recursive: true });
  renameSync(await smallPictures(), data);
  const shell = `export HOME='${home}';`;
  const inHome = async (...args: readonly string[]): Promise<void> => {
    const { code, stderr } = await start(args, { shell, cwd: home }).ended;
    assert.is(code, 0, stderr);
  };
  await inHome(...smallRun(data, join(home, 'hidden-runs'), 4));
  const run = join(home, 'hidden-runs', readdirSync(join(home, 'hidden-runs'))[0]!);
  assert.match(readFileSync(join(run, 'sessions.jsonl'), 'utf8'), 'Private Album');
  const model = modelOf(run);
  const metrics = [{ name: 'kid', value: 0.5, protocol: { b: data, network: join(home, 'n.onnx') } }];
  writeFileSync(join(run, 'model', 'model.json'), JSON.stringify({ ...model, metrics }));
  await inHome('publish', run, '--out', join(home, 'site'), '--viewer', viewer);
  const files = filesOf(join(home, 'site'));
  for (const name of ['index.html', 'README.md', 'card.json', 'model/model.json', 'model/generator.onnx'])
    assert.ok(files.includes(name), files.join());
  for (const name of files) {
    const bytes = readFileSync(join(home, 'site', name));
    for (const secret of ['anna-secret', 'Private Album', 'hidden-runs', home])
      assert.is(bytes.includes(secret), false, `${name} has ${secret}`);
  }
  const text = readFileSync(join(home, 'site', 'README.md'), 'utf8');
  assert.match(text, '--data cats ');
  assert.match(text, '| network | n.onnx |');
});

test('the folder lists its files, has the package as it was, and only the files that the viewer needs', async () => {
  const model = conditionPackage(attributesOfColour);
  const out = join(temporaryFolder(), 'site');
  const done = await publish(model, '--out', out);
  const files = filesOf(out);
  assert.equal(
    files,
    [
      '_headers',
      'README.md',
      'card.json',
      'index.html',
      'model/generator.onnx',
      'model/model.json',
      'page.css',
      'page.js',
      'poster.png',
      'samples.png',
      ...['LICENSE', 'LICENSES.txt', 'chunk.js', 'element.js', 'index.js'].map((name) => `viewer/${name}`),
      ...['ort.jspi.min.mjs', 'ort.wasm.min.mjs'].map((name) => `viewer/onnx/${name}`),
      'viewer/worker.js',
    ].sort(),
  );
  assert.is(done['files'], files.length);
  const card = JSON.parse(readFileSync(join(out, 'card.json'), 'utf8')) as {
    files: { file: string; bytes: number; sha256: string }[];
  };
  assert.equal(
    card.files.map(({ file }) => file).sort(),
    files.filter((file) => file !== 'card.json'),
  );
  for (const { file, bytes, sha256 } of card.files) {
    const content = readFileSync(join(out, file));
    assert.equal([content.length, createHash('sha256').update(content).digest('hex')], [bytes, sha256]);
  }
  const read = (folder: string): unknown => JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'));
  assert.equal(read(join(out, 'model')), read(model));
  const page = readFileSync(join(out, 'index.html'), 'utf8');
  assert.match(page, '<select data-condition="wavy hair" data-kind="binary">');
  assert.not.match(page, /\sstyle=|\son\w+=|<!--/);
  // Without WebGPU.
  await publish(model, '--out', out, '--device', 'wasm');
  assert.equal(readdirSync(join(out, 'viewer', 'onnx')), ['ort.wasm.min.mjs']);
  assert.match(readFileSync(join(out, 'index.html'), 'utf8'), 'device="wasm"');
});

test('statements of the run, else of the folder before, are kept', async () => {
  const model = conditionPackage(attributesOfColour);
  const out = join(temporaryFolder(), 'site');
  await publish(model, '--out', out, '--author', 'A', '--model-licence', 'MIT');
  const done = await publish(model, '--out', out, '--contact', 'a@example.org');
  assert.equal(done['notStated'], ['--dataset', '--licence', '--intended']);
  assert.match(readFileSync(join(out, 'README.md'), 'utf8'), /^---\nlicense: mit\n[^]*\| Author \| A \|/);
});

test('folders with files of others, or changed ones, are refused and stay', async () => {
  const model = conditionPackage(attributesOfColour);
  const out = join(temporaryFolder(), 'site');
  await publish(model, '--out', out);
  const flags = ['--viewer', viewer];
  writeFileSync(join(out, 'model', 'notes.txt'), 'mine');
  assert.match(
    await refusal(model, '--out', out, ...flags),
    /holds model\/notes\.txt, which publish did not write/,
  );
  rmSync(join(out, 'model', 'notes.txt'));
  writeFileSync(join(out, 'README.md'), 'my own words');
  assert.match(await refusal(model, '--out', out, ...flags), /README\.md was changed after publish wrote it/);
  assert.is(readFileSync(join(out, 'README.md'), 'utf8'), 'my own words');
  const mine = temporaryFolder();
  writeFileSync(join(mine, 'a.txt'), '');
  assert.match(await refusal(model, '--out', mine, ...flags), /holds a\.txt, which publish did not write/);
  assert.match(await refusal(model, '--out', join(mine, 'a.txt'), ...flags), /is a file, expected a folder/);
  assert.equal(readdirSync(mine), ['a.txt']);
});

test('a damaged model, a missing viewer and a stated place are refused, with nothing left', async () => {
  const model = conditionPackage(attributesOfColour);
  const folder = temporaryFolder();
  const out = join(folder, 'site');
  assert.match(
    await refusal(model, '--out', out, '--viewer', folder),
    /has no element\.js, expected the folder of the package dcgan-viewer/,
  );
  const broken = join(folder, 'viewer');
  cpSync(viewer, broken, { recursive: true });
  rmSync(join(broken, 'dist', 'worker.js'));
  assert.match(await refusal(model, '--out', out, '--viewer', broken), /worker\.js: is missing/);
  assert.match(
    await refusal(model, '--out', out, '--viewer', viewer, '--dataset', `in ${model}/x`),
    new RegExp(`would name ${model}, a place on this machine; state it in other words`),
  );
  writeFileSync(join(model, 'generator.onnx'), 'x');
  assert.match(
    await refusal(model, '--out', out, '--viewer', viewer),
    /got 1 bytes, expected .* truncated or altered/,
  );
  assert.is(existsSync(out), false);
  assert.equal(readdirSync(folder), ['viewer']);
});

test('the files of the built viewer are there, without those of training', async () => {
  const dist = join('runtime-web', 'dist');
  const files = await neededFiles(dist, 'auto');
  for (const name of [
    'element.js',
    'index.js',
    'worker.js',
    'worker-later.js',
    'onnx/ort-wasm-simd-threaded.wasm',
  ])
    assert.ok(files.includes(name), name);
  assert.equal(
    files.filter((name) => /train|plane/.test(name)),
    [],
  );
  assert.equal(
    (await neededFiles(dist, 'wasm')).filter((name) => name.startsWith('onnx/')),
    ['onnx/ort-wasm-simd-threaded.mjs', 'onnx/ort-wasm-simd-threaded.wasm', 'onnx/ort.wasm.min.mjs'],
  );
});

test.run();
