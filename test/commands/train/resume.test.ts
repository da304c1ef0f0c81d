// Runs that are killed, interrupted or damaged end bit-equal to the uninterrupted one; spawned for real.
import { cpSync, existsSync, readFileSync, truncateSync } from 'node:fs';
import { basename, join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../runtime-web/format/random.ts';
import { listCheckpoints, loadCheckpoint } from '../../../trainer/run/checkpoint.ts';
import { dcgan, dcganInTurn, jsonLines, smallPictures, smallRun, start } from '../../shared/command-line.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';
import { skipIf } from '../../shared/skip.ts';

const test = suite('resume');
const pictures = await smallPictures();
const steps = 240;

/** The uninterrupted run. */
const whole = String(
  jsonLines((await dcgan(...smallRun(pictures, temporaryFolder(), steps))).stdout).at(-1)?.['runDir'],
);

/** The result of a run, without times: the whole state, streams and record. */
async function remains(runDir: string): Promise<object> {
  const newest = (await listCheckpoints(join(runDir, 'checkpoints')))[0] ?? '';
  const { state, metadata } = await loadCheckpoint(newest);
  const { step, images, random, sampler } = metadata;
  const stats = jsonLines(readFileSync(join(runDir, 'stats.jsonl'), 'utf8')).map((line) => ({
    ...line,
    imagesPerSecond: 0,
    secondsElapsed: 0,
  }));
  const bytes = Object.entries(state).map(([name, { data }]) => [
    name,
    Buffer.from(data.buffer).toString('base64'),
  ]);
  return { step, images, random, sampler, stats, state: Object.fromEntries(bytes) };
}

/** Starts a run; resolves to it and its folder once it trains. */
async function begin(total = steps): Promise<{ run: ReturnType<typeof start>; runDir: string }> {
  const out = temporaryFolder();
  const run = start(smallRun(pictures, out, total));
  await run.printed('"event":"started"');
  return { run, runDir: join(out, `00001-${basename(pictures)}-dcgan`.toLowerCase()) };
}

const resume = (runDir: string): readonly string[] => ['train', '--resume', runDir, '--json'];

test('a run killed at ten random moments ends, bit for bit, as the uninterrupted one', async () => {
  const random = new Random(Date.now());
  const { run, runDir } = await begin();
  await delay(random.integer(300));
  run.kill('SIGKILL');
  assert.is((await run.ended).signal, 'SIGKILL');
  let kills = 1;
  while (kills < 10) {
    const next = start(resume(runDir));
    await next.printed('"event":"started"');
    await delay(random.integer(250));
    next.kill('SIGKILL');
    const { signal, code, stderr } = await next.ended;
    assert.ok(signal === 'SIGKILL' || code === 0, stderr);
    kills += 1;
  }
  const { code, stderr } = await dcgan(...resume(runDir));
  assert.is(code, 0, stderr);
  assert.equal(await remains(runDir), await remains(whole));
});

test('changing rates, β2, penalties and average go on bit for bit, also with lazy penalties and batches in parts', async () => {
  const scheduled =
    '--objective relativistic --r1 0.5 --r2 0.5 --r1-every 2 --accumulate 2 --learning-rate-end 1e-4 --burn-in 80 ' +
    '--beta2 0.9 --beta2-end 0.99 --penalty-end 0.1 --average-half-life 100';
  const train = async (total: number): Promise<string> => {
    const ended = await dcganInTurn(...smallRun(pictures, temporaryFolder(), total), ...scheduled.split(' '));
    assert.is(ended.code, 0, ended.stderr);
    return String(jsonLines(ended.stdout).at(-1)?.['runDir']);
  };
  const half = await train(7);
  const { code, stderr } = await dcganInTurn(...resume(half), '--steps', '16');
  assert.is(code, 0, stderr);
  const [resumed, uninterrupted] = [await remains(half), await remains(await train(16))];
  assert.equal({ ...resumed, stats: null }, { ...uninterrupted, stats: null });
});

test('Ctrl-C saves, prints how to resume and exits with 130; the resumed run ends as the uninterrupted one', async () => {
  const { run, runDir } = await begin();
  await run.printed('"event":"report"');
  run.kill('SIGINT');
  const { code, stdout } = await run.ended;
  assert.is(code, 130);
  const last = jsonLines(stdout).at(-1) ?? {};
  assert.is(last['event'], 'interrupted');
  const step = Number(last['step']);
  assert.ok(step > 0 && step < steps, `stopped at ${step}`);
  const newest = (await listCheckpoints(join(runDir, 'checkpoints')))[0] ?? '';
  assert.is((await loadCheckpoint(newest)).metadata.step, step);
  await dcgan(...resume(runDir));
  assert.equal(await remains(runDir), await remains(whole));
});

test('without --json, Ctrl-C prints the command that resumes', async () => {
  const out = temporaryFolder();
  const run = start(smallRun(pictures, out, 100_000).filter((flag) => flag !== '--json'));
  await run.printed('run  ');
  await delay(300);
  run.kill('SIGTERM');
  const { code, stdout } = await run.ended;
  assert.is(code, 130);
  assert.match(stdout, /go on +(dcgan train|npm run train --) --resume .*00001-/);
});

test('Ctrl-C before the first step leaves nothing and exits with 130', async () => {
  const out = join(temporaryFolder(), 'runs');
  // Ten thousand faces of 128x128 are drawn first, which takes a while.
  const run = start(['train', '--image-size', '128', '--out', out]);
  await run.printed('reading images');
  run.kill('SIGINT');
  const { code, stdout } = await run.ended;
  assert.is(code, 130);
  assert.match(stdout, 'nothing was written');
  assert.not(existsSync(out));
});

test('a second run on one folder is refused while the first one works, and not after', async () => {
  const { run, runDir } = await begin(100_000);
  const second = await dcgan(...resume(runDir));
  assert.is(second.code, 2);
  assert.match(second.stderr, /another run is at work in this folder \(process \d+\)/);
  run.kill('SIGINT');
  const first = await run.ended;
  assert.is(first.code, 130);
  const done = Number(jsonLines(first.stdout).at(-1)?.['step']);
  const third = await dcgan(...resume(runDir), '--steps', String(done));
  assert.is(third.code, 0, third.stderr);
});

test('a truncated newest checkpoint is named, the one before it is used, and nothing is lost', async () => {
  const copy = join(temporaryFolder(), 'copy');
  cpSync(whole, copy, { recursive: true });
  const [newest = '', previous = ''] = await listCheckpoints(join(copy, 'checkpoints'));
  truncateSync(newest, 2000);
  const { code, stderr } = await dcgan(...resume(copy));
  assert.is(code, 0, stderr);
  assert.match(stderr, /^warning: .*step-000240\.safetensors: truncated/m);
  assert.match(stderr, basename(previous));
  assert.equal(await remains(copy), await remains(whole));
});

test('when no checkpoint can be read the run is refused', async () => {
  const copy = join(temporaryFolder(), 'copy');
  cpSync(whole, copy, { recursive: true });
  for (const path of await listCheckpoints(join(copy, 'checkpoints'))) truncateSync(path, 100);
  const { code, stderr } = await dcganInTurn(...resume(copy));
  assert.is(code, 2);
  assert.match(stderr, /^error: no checkpoint in .* can be read/);
});

for (const [flags, name] of [
  [['--base-width', '8'], '--base-width 4 and cannot go on with 8'],
  [['--kernel', '5'], '--kernel 4 and cannot go on with 5'],
  [['--seed', '2'], '--seed 1'],
  [['--preset', 'paper-64'], 'cannot go on with'],
] as const) {
  test(`resuming with ${flags.join(' ')} is refused and names what differs`, async () => {
    const { code, stderr } = await dcganInTurn(...resume(whole), ...flags);
    assert.is(code, 2);
    assert.match(stderr, name);
  });
}

test('a total below what is done is refused, and the configuration of the run stays', async () => {
  const before = readFileSync(join(whole, 'config.json'), 'utf8');
  for (const [flag, value, has] of [
    ['--steps', '100', /--steps 100: .* has done 240 steps already.*give a larger --steps, or leave it out/],
    ['--minutes', '0.0001', /--minutes 0\.0001: .* has done [\d.]+ minutes already/],
    ['--images', '8', /--images 8: .* has done 1920 images already/],
  ] as const) {
    const { code, stderr } = await dcganInTurn(...resume(whole), flag, value);
    assert.is(code, 2, stderr);
    assert.match(stderr, has);
  }
  assert.is(readFileSync(join(whole, 'config.json'), 'utf8'), before);
});

test('a larger total trains the rest and is saved; another thread count is a warning, because the bits may differ', async () => {
  const copy = join(temporaryFolder(), 'copy');
  cpSync(whole, copy, { recursive: true });
  const flags = ['--images', String((steps + 2) * 8), '--threads', '1'];
  const { code, stdout, stderr } = await dcgan(...resume(copy), ...flags);
  assert.is(code, 0, stderr);
  assert.match(stderr, /warning: threads was 2 and is 1: .*not bit for bit/);
  assert.is(jsonLines(stdout).at(-1)?.['step'], steps + 2);
  const saved = JSON.parse(readFileSync(join(copy, 'config.json'), 'utf8')) as Record<string, unknown>;
  assert.equal([saved['steps'], saved['images']], [null, (steps + 2) * 8]);
});

const withUlimit = skipIf(process.platform === 'win32', 'needs ulimit', test);
withUlimit(
  'a full disk stops the run with one line; the last good checkpoint survives and nothing half-written stays',
  async () => {
    const copy = join(temporaryFolder(), 'copy');
    cpSync(whole, copy, { recursive: true });
    // A limit on file sizes, below a checkpoint's, stands for a full disk: the write fails in the same place.
    const flags = [...resume(copy), '--steps', String(steps + 100)];
    const { code, stderr } = await start(flags, { shell: 'ulimit -f 40;' }).ended;
    assert.is(code, 2, stderr);
    assert.match(
      stderr,
      /error: cannot write a checkpoint: the file size limit is reached; the run has stopped/,
    );
    assert.match(stderr, /the last good checkpoint is .*step-000240\.safetensors \(step 240\)/);
    const paths = await listCheckpoints(join(copy, 'checkpoints'));
    assert.is(basename(paths[0] ?? ''), 'step-000240.safetensors');
    await loadCheckpoint(paths[0] ?? '');
    const { stdout } = await dcgan(...resume(copy), '--steps', String(steps + 1));
    assert.is(jsonLines(stdout).at(-1)?.['step'], steps + 1);
  },
);

test('images that are enlarged to twice their size or more are named, with the size that is enough', async () => {
  const warningsAt = async (size: string): Promise<string> => {
    const { code, stdout, stderr } = await dcgan(
      ...smallRun(pictures, temporaryFolder(), 1),
      ...['--image-size', size, '--dry-run'],
    );
    assert.is(code, 0, stderr);
    return jsonLines(stdout)
      .filter(({ event }) => event === 'warning')
      .map(({ message }) => String(message))
      .join('\n');
  };
  assert.match(
    await warningsAt('32'),
    /the images have 16x16 pixels and are enlarged to 32x32.*--image-size 16 is enough/,
  );
  assert.is(await warningsAt('16'), '');
});

test.run();
