// Signals and readers that go away, with the command line spawned for real.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { listCheckpoints, loadCheckpoint } from '../../trainer/run/checkpoint.ts';
import { jsonLines, smallPictures, smallRun, start, type Running } from '../shared/command-line.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('interruption');
const pictures = await smallPictures();

/** A long run that has reported, and its folder. */
async function training(): Promise<{ readonly run: Running; readonly runDir: () => string }> {
  const out = temporaryFolder();
  const run = start(smallRun(pictures, out, 1_000_000));
  await run.printed('"event":"report"');
  return { run, runDir: () => join(out, readdirSync(out)[0]!) };
}

test('SIGHUP saves and exits with 130, as SIGTERM does', async () => {
  const { run, runDir } = await training();
  run.kill('SIGHUP');
  const { code, stdout } = await run.ended;
  assert.is(code, 130);
  const last = jsonLines(stdout).at(-1) ?? {};
  assert.is(last['event'], 'interrupted');
  const [newest = ''] = await listCheckpoints(join(runDir(), 'checkpoints'));
  assert.is((await loadCheckpoint(newest)).metadata.step, last['step']);
  assert.not(readdirSync(runDir()).includes('lock'));
});

test('a reader of --json that goes away ends the run with a checkpoint', async () => {
  const { run, runDir } = await training();
  run.closeStdout();
  const { code, stderr } = await run.ended;
  assert.is(code, 130, stderr);
  assert.is(stderr, '');
  const [newest = ''] = await listCheckpoints(join(runDir(), 'checkpoints'));
  assert.ok((await loadCheckpoint(newest)).metadata.step > 0);
  assert.not(readdirSync(runDir()).includes('lock'));
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`a second ${signal} ends a process at once that is held up by a read that never ends`, async () => {
    const pipe = join(temporaryFolder(), 'config.json');
    assert.is(spawnSync('mkfifo', [pipe]).status, 0);
    const run = start(['train', '--config', pipe]);
    await delay(1500);
    run.kill(signal);
    await delay(600);
    run.kill(signal);
    assert.is((await run.ended).signal, signal);
  });
}

test('a signal that comes twice at once, as under npm, still saves', async () => {
  const { run, runDir } = await training();
  run.kill('SIGINT');
  await delay(20);
  run.kill('SIGINT');
  assert.is((await run.ended).code, 130);
  assert.ok((await listCheckpoints(join(runDir(), 'checkpoints'))).length > 0);
});

test.run();
