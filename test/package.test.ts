// The packages as npm packs them: the program without the page's files, tests and scripts; and what runs when it is installed.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dcgan } from './shared/command-line.ts';
import { temporaryFolder } from './shared/temporary-folder.ts';

const test = suite('the packages');

interface Packed {
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

/** The files that `npm pack` would pack in a folder. */
function packed(folder: string): Packed {
  const { stdout, status, stderr } = spawnSync('npm', ['pack', '--dry-run', '--json'], {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.is(status, 0, stderr);
  const found = JSON.parse(stdout) as readonly Packed[] | Readonly<Record<string, Packed>>;
  return Object.values(found)[0] as Packed;
}

test('the package of the program holds neither pages nor tests, and is small', () => {
  assert.ok(existsSync('dist/test') && existsSync('dist/scripts'));
  const { files, size } = packed('.');
  const paths = files.map(({ path }) => path);
  const allowed =
    /^(dist\/(trainer|types)\/|README\.md|LICENSE|CHANGELOG\.md|package\.json|scripts\/before-install\.mjs|trainer\/faces\/detector\.LICENSE\.txt)/;
  assert.equal(
    paths.filter((path) => !allowed.test(path)),
    [],
  );
  for (const path of [
    'dist/trainer/cli.js',
    'dist/trainer/setup-tensorflow.js',
    'scripts/before-install.mjs',
  ])
    assert.ok(paths.includes(path), path);
  assert.ok(size < 15e6, `${size} bytes`);
});

test('the package of the page holds no source map and no TypeScript source', () => {
  const { files, unpackedSize } = packed('runtime-web');
  const paths = files.map(({ path }) => path);
  assert.equal(
    paths.filter((path) => /\.map$|(?<!\.d)\.ts$/.test(path)),
    [],
  );
  for (const path of ['README.md', 'LICENSE', 'LICENSES.txt', 'dist/worker.js'])
    assert.ok(paths.includes(path), path);
  assert.ok(unpackedSize < 60e6, `${unpackedSize} bytes`);
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const viewer = JSON.parse(readFileSync('runtime-web/package.json', 'utf8')) as Record<string, unknown>;
  assert.is(viewer['version'], version);
  assert.is(viewer['dependencies'], undefined);
});

test('dcgan demo says where the demo is, and dcgan setup-tensorflow hands its flags on', async () => {
  const demo = await dcgan('demo');
  assert.is(demo.code, 0);
  assert.match(demo.stdout, /npm run demo.*\n.*\n.*npm install dcgan-viewer/);
  const help = await dcgan('setup-tensorflow', '--help');
  assert.is(help.code, 0);
  assert.match(help.stdout, /--libtensorflow PATH/);
  const refused = await dcgan('setup-tensorflow', '--cpu', '--gpu');
  assert.is(refused.code, 2);
  assert.match(refused.stderr, /^error: --cpu and --gpu: expected one of them\n$/);
});

/** A folder in which a package like onnxruntime-node lacks one file that it would fetch from `server`. */
function installing(server: string): { readonly script: string; readonly bin: string } {
  const folder = temporaryFolder();
  const runtime = join(folder, 'node_modules', 'onnxruntime-node');
  const platform = `${process.platform}/${process.arch}`;
  const bin = join(runtime, 'bin', 'napi-v6', platform);
  mkdirSync(join(runtime, 'script'), { recursive: true });
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'here.so'), 'a library');
  writeFileSync(join(runtime, 'package.json'), '{ "name": "onnxruntime-node", "version": "1.0.0" }');
  const metadata = {
    requirements: { [platform]: ['cuda'] },
    manifests: { [`${platform}:cuda`]: { './here.so': {}, './missing.so': {} } },
    feeds: { one: { type: 'feed', index: server } },
  };
  writeFileSync(
    join(runtime, 'script', 'install-metadata.js'),
    `module.exports = ${JSON.stringify(metadata)};`,
  );
  const script = join(folder, 'before-install.mjs');
  writeFileSync(script, readFileSync(resolve('scripts', 'before-install.mjs')));
  return { script, bin };
}

/** Runs the script in another process, so that a server of this one can answer. */
const runScript = (script: string): Promise<number | null> =>
  new Promise((done) => spawn(process.execPath, [script], { stdio: 'inherit' }).on('close', done));

test('libraries that cannot be fetched are not asked for when the package is installed', async () => {
  const server = createServer((_, response) => response.end('{}'));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/index.json`;
  const reachable = installing(url);
  assert.is(await runScript(reachable.script), 0);
  assert.not.ok(existsSync(join(reachable.bin, 'missing.so')), 'onnxruntime-node fetches it itself');
  await new Promise((done) => server.close(done));
  const unreachable = installing(url);
  assert.is(await runScript(unreachable.script), 0);
  assert.is(readFileSync(join(unreachable.bin, 'missing.so'), 'utf8'), '');
  assert.is(readFileSync(join(unreachable.bin, 'here.so'), 'utf8'), 'a library');
});

test('installed without onnxruntime-node, or with another kind of it, nothing happens', async () => {
  const script = join(temporaryFolder(), 'before-install.mjs');
  writeFileSync(script, readFileSync(resolve('scripts', 'before-install.mjs')));
  assert.is(await runScript(script), 0);
});

test.run();
