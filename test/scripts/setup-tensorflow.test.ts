// The set-up of TensorFlow, spawned for real: refusals of one line before anything is fetched, and no leftovers. `.ci/run` makes a
// whole set-up, which fetches 230 MB.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkHash } from '../../scripts/setup-tensorflow/unpack.ts';
import { tensorflowWheels } from '../../scripts/setup-tensorflow/wheels.ts';
import { zipBytes } from '../data/zip-bytes.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('set-up of TensorFlow');
const program = resolve('dist', 'trainer', 'setup-tensorflow.js');
const isSupported = process.platform === 'linux' && process.arch === 'x64';

/** A folder for PATH with these commands of the system, and no others. */
function pathWith(...commands: readonly string[]): string {
  const folder = temporaryFolder();
  for (const command of commands) {
    const { stdout } = spawnSync('sh', ['-c', `command -v ${command}`], { encoding: 'utf8' });
    if (stdout.trim() !== '') symlinkSync(stdout.trim(), join(folder, command));
  }
  return folder;
}

interface Surroundings {
  readonly cache?: string;
  readonly path?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Calls the set-up with a cache folder of its own. */
async function setUp(
  args: readonly string[],
  { cache = temporaryFolder(), path, env = {} }: Surroundings = {},
) {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, DCGAN_CACHE: cache, ...(path !== undefined && { PATH: path }), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise((done) => child.on('close', done));
  const folder = join(cache, 'tensorflow');
  const left = existsSync(folder) ? readdirSync(folder).filter((name) => name !== 'lock') : [];
  return { code, stdout, stderr, left };
}

/** A refusal: exit code 2, one line that matches, and nothing left in the cache. */
async function assertRefused(message: RegExp, args: readonly string[], surroundings: Surroundings = {}) {
  const { code, stderr, left } = await setUp(args, surroundings);
  const errors = stderr.split('\n').filter((line) => line.startsWith('error:'));
  assert.is(code, 2, stderr);
  assert.is(errors.length, 1, stderr);
  assert.match(errors[0]!, message);
  assert.equal(left, [], 'nothing half installed');
}

/** A zip of these files. */
function zipOf(files: Readonly<Record<string, string>>): Uint8Array {
  return zipBytes(Object.entries(files).map(([name, text]) => ({ name, data: Buffer.from(text) })));
}

/** A wheel with one library and what it takes to be one for Linux; `recorded` is the library's sha256 (base64url) in its RECORD. */
function wheel(name: string, version: string, tag: string, recorded = ''): string {
  const info = `${name.replaceAll('-', '_')}-${version}.dist-info`;
  const files = {
    'tensorflow/libtensorflow_cc.so.2': 'not a library',
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
    [`${info}/WHEEL`]: `Wheel-Version: 1.0\nTag: ${tag}\n`,
    [`${info}/RECORD`]: `tensorflow/libtensorflow_cc.so.2,sha256=${recorded},13\n`,
  };
  const path = join(temporaryFolder(), 'a.whl');
  writeFileSync(path, zipOf(files));
  return path;
}

test('--help lists the flags', async () => {
  const { code, stdout } = await setUp(['--help']);
  assert.is(code, 0);
  for (const flag of ['--cpu', '--gpu', '--wheel', '--libtensorflow']) assert.match(stdout, flag);
});

test('flags that are unknown, contradict each other or name no file are refused', async () => {
  await assertRefused(/Unknown option '--cup'/, ['--cup']);
  await assertRefused(/--cpu and --gpu: expected one of them/, ['--cpu', '--gpu']);
  await assertRefused(/--wheel \/nowhere: there is no such file/, ['--wheel', '/nowhere']);
});

if (isSupported) {
  test('a missing compiler, and a missing pip, are errors before anything is fetched', async () => {
    await assertRefused(/no C\+\+ compiler .*apt-get install g\+\+/, ['--cpu'], {
      path: pathWith('pip3', 'sh'),
    });
    await assertRefused(/no C\+\+ compiler \(tried no-such\)/, ['--cpu'], { env: { CXX: 'no-such' } });
    await assertRefused(/no pip .*--wheel FILE/, ['--cpu'], { path: pathWith('c++', 'sh') });
  });

  test('where there is no network, pip says so and the message names the way out', async () => {
    const env = {
      PIP_INDEX_URL: 'http://127.0.0.1:9/simple',
      PIP_RETRIES: '0',
      PIP_NO_INDEX: '',
      PIP_FIND_LINKS: '',
    };
    await assertRefused(/tensorflow-cpu 2\.18\.1 could not be downloaded \(.*\); .*--wheel FILE/, ['--cpu'], {
      env,
    });
  });

  test('a file that is no wheel, one of another version, platform or build, and a damaged one are refused', async () => {
    const manylinux = 'cp312-cp312-manylinux_2_17_x86_64';
    const noZip = join(temporaryFolder(), 'a.whl');
    writeFileSync(noZip, 'hello');
    await assertRefused(/not a wheel, or damaged/, ['--cpu', '--wheel', noZip]);
    await assertRefused(/tensorflow-cpu 2\.17\.0, expected tensorflow-cpu 2\.18\.1/, [
      '--cpu',
      '--wheel',
      wheel('tensorflow-cpu', '2.17.0', manylinux),
    ]);
    await assertRefused(/tensorflow 2\.18\.1, expected tensorflow-cpu 2\.18\.1/, [
      '--cpu',
      '--wheel',
      wheel('tensorflow', '2.18.1', manylinux),
    ]);
    await assertRefused(/for another platform/, [
      '--cpu',
      '--wheel',
      wheel('tensorflow-cpu', '2.18.1', 'cp312-cp312-win_amd64'),
    ]);
    await assertRefused(
      /damaged \(tensorflow\/libtensorflow_cc\.so\.2 is not what the wheel's RECORD says\)/,
      ['--cpu', '--wheel', wheel('tensorflow-cpu', '2.18.1', manylinux, 'A'.repeat(43))],
    );
  });

  test('a wheel that is whole and not the pinned one is refused with both hashes and a command that fetches it', async () => {
    const recorded = createHash('sha256').update('not a library').digest('base64url');
    const path = wheel('tensorflow-cpu', '2.18.1', 'cp312-cp312-manylinux_2_17_x86_64', recorded);
    const found = createHash('sha256').update(readFileSync(path)).digest('hex');
    const { sha256 } = tensorflowWheels.cpu;
    await assertRefused(
      new RegExp(`sha256 ${found}, expected ${sha256}; .*pip download .*tensorflow-cpu==2\\.18\\.1`),
      ['--cpu', '--wheel', path],
    );
    // The same file is accepted under its own hash.
    await checkHash(path, found, '');
  });

  test('a folder that is no TensorFlow is refused', async () => {
    await assertRefused(/no libtensorflow\.so\.2/, ['--cpu', '--libtensorflow', temporaryFolder()]);
    const archive = join(temporaryFolder(), 'a.tar.gz');
    writeFileSync(archive, 'hello');
    await assertRefused(/a\.tar\.gz: tar could not unpack it/, ['--cpu', '--libtensorflow', archive]);
  });

  test('libraries that do not compile or load leave nothing', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'lib'));
    mkdirSync(join(folder, 'include', 'tensorflow', 'c'), { recursive: true });
    for (const name of ['libtensorflow.so.2', 'libtensorflow_framework.so.2']) {
      writeFileSync(join(folder, 'lib', name), '');
    }
    writeFileSync(join(folder, 'include', 'tensorflow', 'c', 'c_api.h'), '');
    await assertRefused(/could not be compiled/, ['--cpu', '--libtensorflow', folder]);
  });

  test('a cache folder that cannot be made, and one that another set-up is at work in, are named', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const { code, stderr } = await setUp(['--cpu'], { cache: file });
    assert.is(code, 2);
    assert.match(
      stderr,
      /a part of its path is a file; nothing has been installed|a file stands in its place/,
    );

    const cache = temporaryFolder();
    mkdirSync(join(cache, 'tensorflow'));
    const holder = { host: hostname(), pid: process.pid, started: null };
    writeFileSync(join(cache, 'tensorflow', 'lock'), JSON.stringify(holder));
    await assertRefused(/another set-up is at work here/, ['--cpu'], { cache });
  });

  test('a full disk is reported as such, and leaves nothing', async () => {
    const cache = temporaryFolder();
    // The shell's limit on file sizes simulates a full disk.
    const { status, stderr } = spawnSync(
      'bash',
      [
        '-c',
        `ulimit -f 1; trap '' XFSZ; exec "$@"`,
        'bash',
        process.execPath,
        program,
        '--cpu',
        '--wheel',
        bigWheel(),
      ],
      { env: { ...process.env, DCGAN_CACHE: cache }, encoding: 'utf8' },
    );
    assert.is(status, 2, stderr);
    assert.match(stderr, /the file size limit is reached; nothing has been installed/);
    assert.equal(
      readdirSync(join(cache, 'tensorflow')).filter((name) => name !== 'lock'),
      [],
    );
  });
}

/** A wheel with a library of a few megabytes. */
function bigWheel(): string {
  const path = join(temporaryFolder(), 'b.whl');
  writeFileSync(
    path,
    zipOf({
      'tensorflow/libtensorflow_cc.so.2': 'x'.repeat(4_000_000),
      'tensorflow_cpu-2.18.1.dist-info/METADATA': 'Name: tensorflow-cpu\nVersion: 2.18.1\n',
      'tensorflow_cpu-2.18.1.dist-info/WHEEL': 'Tag: cp312-cp312-manylinux_2_17_x86_64\n',
      'tensorflow_cpu-2.18.1.dist-info/RECORD': '',
    }),
  );
  return path;
}

test.run();
