// The size of the scripts that a page with a viewer fetches at once.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageFiles } from '../../runtime-web/format/package-files.ts';
import { allScripts, brotliBytes, scriptsAtOnce } from '../../scripts/bench/web/script-bytes.ts';

const test = suite("the size of a page's scripts");
const folder = join('runtime-web', 'dist');
/** The worker is one file, so what it shares with the page, comlink above all, counts twice. */
const maxBytes = 19_000;
/** Limit of <dcgan-plane>. */
const maxPlaneBytes = 9_000;
/** Limit of our own code in the entry for training: its script and its worker, without comlink, which is in both. */
const maxTrainingBytes = 20_000;

/** The bytes of comlink in the scripts of a training: its end in the page and its end in the worker, built alone. */
async function comlinkBytes(): Promise<number> {
  const ends = ['{ proxy, releaseProxy, wrap }', '{ expose, transfer }'].map(async (names) => {
    const { outputFiles } = await build({
      stdin: { contents: `export ${names} from 'comlink';`, resolveDir: process.cwd() },
      ...{ bundle: true, write: false, minify: true, format: 'esm', target: 'es2022', legalComments: 'none' },
    });
    return brotliCompressSync(outputFiles[0]!.contents).length;
  });
  const [page, worker] = await Promise.all(ends);
  return page! + worker!;
}

test('what few trainings need is not in the scripts that a page fetches at once', () => {
  const [page, worker, later] = ['train.js', 'train-worker.js', 'train-later.js'].map((file) =>
    readFileSync(join(folder, file), 'utf8'),
  );
  // The signature of a zip, and words of messages: decoding a checkpoint, conditions by name, the storage, drawing faces.
  for (const words of ['67324752', 'copy it again', 'expected an object or a text', 'avatar size']) {
    assert.not.match(worker!, words);
    assert.match(later!, words);
  }
  assert.not.match(page!, 'another page holds the storage');
});

test(`viewer and worker have at most ${maxBytes} bytes, compressed with brotli`, () => {
  const atOnce = scriptsAtOnce(folder, ['element.js', 'worker.js']);
  const sizes = atOnce.map((file) => `${file} ${brotliBytes(folder, [file])}`);
  const total = brotliBytes(folder, atOnce);
  assert.ok(total > maxBytes / 2, `only ${total} bytes: ${sizes.join(', ')}`);
  assert.ok(total <= maxBytes, `${total} bytes: ${sizes.join(', ')}`);
});

test(`a page that trains fetches at most ${maxTrainingBytes} bytes of ours at once, and none of them with a viewer`, async () => {
  const training = scriptsAtOnce(folder, ['train.js', 'train-worker.js']);
  const total = brotliBytes(folder, training) - (await comlinkBytes());
  assert.ok(total > maxTrainingBytes / 2, `only ${total} bytes: ${training.join(', ')}`);
  assert.ok(total <= maxTrainingBytes, `${total} bytes: ${training.join(', ')}`);
  const viewing = scriptsAtOnce(folder, ['element.js', 'worker.js']);
  assert.equal(
    viewing.filter((file) => training.includes(file) && !file.includes('chunk')),
    [],
  );
});

test(`<dcgan-plane> has at most ${maxPlaneBytes} bytes, and what trains comes when training starts`, () => {
  const plane = scriptsAtOnce(folder, ['plane.js']);
  const total = brotliBytes(folder, plane);
  assert.ok(total > maxPlaneBytes / 2 && total <= maxPlaneBytes, `${total} bytes: ${plane.join(', ')}`);
  assert.not.ok(plane.some((file) => file.startsWith('train')));
  assert.match(readFileSync(join(folder, 'plane.js'), 'utf8'), /import\("\.\/train\.js"\)/);
});

test('calls that few pages use are scripts of their own', () => {
  const atOnce = scriptsAtOnce(folder, ['element.js', 'worker.js']);
  const later = allScripts(folder).filter((file) => !atOnce.includes(file));
  for (const name of [
    ...['layers', 'discriminate', 'restore', 'steer', 'mix-styles', 'condition'],
    ...['buttons', 'languages', 'explained'],
  ]) {
    assert.ok(
      later.some((file) => file.startsWith(`dcgan-${name}-`)),
      `${name}: not among ${later.join(', ')}`,
    );
  }
  assert.ok(later.includes('worker-later.js'));
});

test('reading pictures, the camera, the pad and the clothes are scripts of their own beside a training', () => {
  const atOnce = scriptsAtOnce(folder, ['train.js', 'train-worker.js']);
  const later = allScripts(folder).filter((file) => !atOnce.includes(file));
  for (const name of ['camera', 'clothes', 'drawing-pad', 'given-files', 'read-pictures'])
    assert.ok(
      later.some((file) => file.startsWith(`dcgan-train-${name}-`)),
      `${name}: not among ${later.join(', ')}`,
    );
  assert.ok(later.includes('train-pictures.js'));
});

test("the worker's files import no other script, and bundlers are told to leave their imports alone", () => {
  for (const file of [
    'worker.js',
    'worker-later.js',
    'train-worker.js',
    'train-pictures.js',
    'train-later.js',
  ]) {
    const text = readFileSync(join(folder, file), 'utf8');
    assert.not.match(text, /\bfrom\s*["']|\bimport\s*["']|import\.meta/, file);
    for (const [, inside] of text.matchAll(/\bimport\(([^)]*)\)/g)) {
      assert.match(inside!, /^\/\* webpackIgnore: true \*\/ \/\* @vite-ignore \*\/ [\w$.]+$/, file);
    }
  }
  // Some bundlers start them as classic workers.
  for (const file of ['worker.js', 'train-worker.js', 'train-pictures.js'])
    assert.not.match(readFileSync(join(folder, file), 'utf8'), /(^|[;}])export\b/, file);
});

test('every file of ONNX Runtime is named by a literal that bundlers find', () => {
  const scripts = allScripts(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  const named = scripts.flatMap((text) =>
    [...text.matchAll(/new URL\("\.\/onnx\/([^"]+)",import\.meta\.url\)/g)].map(([, file]) => file!),
  );
  // The entry for training is a bundle of its own and names them too.
  assert.equal([...new Set(named)].sort(), readdirSync(join(folder, 'onnx')).sort());
  for (const file of [
    'worker.js',
    'worker-later.js',
    'train-worker.js',
    'train-pictures.js',
    'train-later.js',
  ])
    assert.ok(
      scripts.some((text) => text.includes(`new URL("./${file}",import.meta.url)`)),
      file,
    );
});

test('no script carries the descriptions for the command line', () => {
  const scripts = allScripts(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  for (const { about } of Object.values(packageFiles))
    assert.not.ok(scripts.some((text) => text.includes(about)));
});

test.run();
