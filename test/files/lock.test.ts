// Two runs on one folder: the second is refused, a dead one's lock is taken over.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UserError } from '../../trainer/errors.ts';
import { lockRun } from '../../trainer/files/lock.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { skipIf } from '../shared/skip.ts';

const test = suite('run lock');

/** The number of a process that has ended. */
async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => child.on('close', resolve));
  return child.pid!;
}

const lockIn = (folder: string): string => join(folder, 'lock');

test('a lock is held by one, and free when released', () => {
  const path = lockIn(temporaryFolder());
  const lock = lockRun(path);
  assert.throws(
    () => lockRun(path),
    (error: Error) => error instanceof UserError && error.message.includes(`process ${process.pid}`),
  );
  lock.release();
  lock.release();
  assert.not(existsSync(path));
  lockRun(path).release();
  assert.equal(readdirSync(dirname(path)), []);
});

test('the lock of a process that has ended is taken over', async () => {
  const path = lockIn(temporaryFolder());
  writeFileSync(path, JSON.stringify({ host: hostname(), pid: await deadProcess(), started: 'boot/1' }));
  const lock = lockRun(path);
  assert.is((JSON.parse(readFileSync(path, 'utf8')) as { pid: number }).pid, process.pid);
  lock.release();
});

const onLinux = skipIf(process.platform !== 'linux', 'the start of a process is known on Linux only', test);
onLinux('a process number that is in use again does not keep a dead lock alive', () => {
  const path = lockIn(temporaryFolder());
  writeFileSync(path, JSON.stringify({ host: hostname(), pid: process.pid, started: 'another-boot/1' }));
  lockRun(path).release();
});

test('a half-written lock is taken over', () => {
  const path = lockIn(temporaryFolder());
  writeFileSync(path, '{"host":"');
  lockRun(path).release();
});

test("another machine's lock is respected, and its file named", () => {
  const path = lockIn(temporaryFolder());
  writeFileSync(path, JSON.stringify({ host: 'elsewhere', pid: 1, started: null }));
  assert.throws(() => lockRun(path), new RegExp(`on elsewhere.*delete ${path}`));
  assert.ok(existsSync(path));
});

test("releasing does not remove a lock that has become another's", () => {
  const path = lockIn(temporaryFolder());
  const lock = lockRun(path);
  writeFileSync(path, JSON.stringify({ host: 'elsewhere', pid: 1, started: null }));
  lock.release();
  assert.ok(existsSync(path));
});

test('a lock of a process number below 1, which every kill reaches, is taken over', () => {
  for (const pid of [0, -1]) {
    const path = lockIn(temporaryFolder());
    writeFileSync(path, JSON.stringify({ host: hostname(), pid, started: null }));
    lockRun(path).release();
    assert.not(existsSync(path));
  }
});

test('releasing never throws, so that it hides no error of the run', () => {
  const path = lockIn(temporaryFolder());
  const lock = lockRun(path);
  rmSync(path);
  mkdirSync(path);
  lock.release();
});

test.run();
