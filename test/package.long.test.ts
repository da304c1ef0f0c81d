// The packed program in a fresh folder, installed as anybody does it: npm's own settings, no cache, no clone around it.
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { skipIf } from './shared/skip.ts';
import { temporaryFolder } from './shared/temporary-folder.ts';

const test = suite('the packed program');

const home = temporaryFolder();
const folder = temporaryFolder();
const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name))),
  HOME: home,
};
const call = (command: string, args: readonly string[], cwd = folder) =>
  spawnSync(command, args, { cwd, env, encoding: 'utf8' });

const isOnline = call('npm', ['ping', '--fetch-retries=0', '--fetch-timeout=10000']).status === 0;
const online = skipIf(!isOnline, 'the packed program, npm reaches no registry', test);

online('npm install dcgan and npx dcgan train work, and it says how to set up TensorFlow', () => {
  const pack = call('npm', ['pack', '--pack-destination', home], process.cwd());
  assert.is(pack.status, 0, pack.stderr);
  const tarball = join(
    home,
    readdirSync(home).find((name) => name.endsWith('.tgz'))!,
  );
  writeFileSync(join(folder, 'package.json'), '{ "name": "fresh", "private": true }');
  const install = call('npm', ['install', tarball]);
  assert.is(install.status, 0, install.stderr);
  const train = call('npx', ['dcgan', 'train', '--steps', '2', '--batch', '4', '--out', 'runs', '--json']);
  assert.is(train.status, 0, train.stderr);
  assert.ok(
    readdirSync(join(folder, 'runs', '00001-avatars-dcgan-relativistic', 'model')).includes('generator.onnx'),
  );
  const setUp = call('npx', ['dcgan', 'setup-tensorflow', '--help']);
  assert.match(setUp.stdout, /^Usage: npx dcgan setup-tensorflow \[--cpu/);
  if (process.platform !== 'linux' || process.arch !== 'x64') return;
  const refused = call('npx', ['dcgan', 'setup-tensorflow', '--cpu']);
  assert.is(refused.status, 2);
  assert.match(refused.stderr, /^error: .*npm install --ignore-scripts @tensorflow\/tfjs-node-gpu@\d/m);
});

test.run();
