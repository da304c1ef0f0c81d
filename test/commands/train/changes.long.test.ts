// Schedules, and settings that a resumed run changes, spawned: a schedule ends, bit for bit, as a run whose rate is changed by hand.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { listCheckpoints, loadCheckpoint } from '../../../trainer/run/checkpoint.ts';
import { dcgan, dcganInTurn, jsonLines, smallPictures, smallRun } from '../../shared/command-line.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';

const test = suite('changes of a run');
const pictures = await smallPictures();

/** Trains with these arguments; resolves to the run's folder and output. */
async function trained(...args: readonly string[]) {
  const { code, stdout, stderr } = await dcgan(...args);
  assert.is(code, 0, stderr);
  return { folder: String(jsonLines(stdout).at(-1)!['runDir']), lines: jsonLines(stdout) };
}

async function weightsOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const { state } = await loadCheckpoint((await listCheckpoints(join(folder, 'checkpoints')))[0]!);
  return Object.fromEntries(
    Object.entries(state).map(([name, { data }]) => [
      name,
      Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
    ]),
  );
}

const historyOf = (folder: string): readonly Record<string, unknown>[] =>
  jsonLines(readFileSync(join(folder, 'config-history.jsonl'), 'utf8'));

test('a linear schedule ends as a run that is resumed with each of its rates, and these are recorded', async () => {
  const rate = 0.001;
  const scheduled = await trained(
    ...smallRun(pictures, temporaryFolder(), 4),
    ...['--schedule', 'linear', '--learning-rate', String(rate)],
  );
  const { folder } = await trained(
    ...smallRun(pictures, temporaryFolder(), 1),
    '--learning-rate',
    String(rate),
  );
  for (const [steps, factor] of [
    [2, 0.75],
    [3, 0.5],
    [4, 0.25],
  ] as const) {
    const { lines } = await trained(
      ...['train', '--resume', folder, '--json', '--steps', String(steps)],
      ...['--learning-rate', String(rate * factor)],
    );
    const { changes, step } = lines.find(({ event }) => event === 'changed')!;
    assert.is(step, steps - 1);
    assert.ok((changes as readonly { key: string }[]).some(({ key }) => key === 'learningRate'));
  }
  assert.equal(await weightsOf(folder), await weightsOf(scheduled.folder));
  assert.equal(historyOf(folder)[1], {
    step: 2,
    changes: [
      { key: 'steps', from: 2, to: 3 },
      { key: 'learningRate', from: 0.00075, to: 0.0005 },
    ],
  });
  assert.not(existsSync(join(scheduled.folder, 'config-history.jsonl')));
});

test('a scheduled run that is stopped and resumed ends as the uninterrupted one', async () => {
  const flags = ['--schedule', 'cosine', '--warmup', '3'];
  const whole = await trained(...smallRun(pictures, temporaryFolder(), 8), ...flags);
  const { folder } = await trained(...smallRun(pictures, temporaryFolder(), 8), ...flags);
  // Back to the checkpoint of step 4, as after a crash.
  rmSync(join(folder, 'checkpoints', 'step-000008.safetensors'));
  await trained('train', '--resume', folder, '--json');
  assert.equal(await weightsOf(folder), await weightsOf(whole.folder));
  const constant = await trained(...smallRun(pictures, temporaryFolder(), 8));
  assert.not.equal(await weightsOf(constant.folder), await weightsOf(whole.folder));
});

test('a resumed run takes other penalties, augmentation and mirroring, and says so; the second time nothing changes', async () => {
  const { folder } = await trained(
    ...smallRun(pictures, temporaryFolder(), 2),
    ...['--discriminator-norm', 'layer'],
  );
  const flags = ['--r1', '2', '--augment', 'color', '--flip', '--label-smoothing', '0.1', '--steps', '4'];
  const { code, stdout, stderr } = await dcgan('train', '--resume', folder, ...flags);
  assert.is(code, 0, stderr);
  assert.match(
    stdout,
    /\nchanged {3}flip false → true, steps 2 → 4, r1 0 → 2, augment none → color, labelSmoothing 0 → 0\.1\n/,
  );
  const again = await dcgan('train', '--resume', folder, '--steps', '4');
  assert.is(again.code, 0, again.stderr);
  assert.not.match(again.stdout, 'changed ');
  assert.is(historyOf(folder).length, 1);
});

test('networks stay, and settings that need others are refused with a remedy', async () => {
  const { folder } = await trained(...smallRun(pictures, temporaryFolder(), 2));
  for (const [flags, message] of [
    [['--base-width', '8'], /begun with --base-width 4 and cannot go on with 8/],
    [['--objective', 'hinge'], /begun with --objective non-saturating and cannot go on with hinge/],
    [['--batch', '4'], /begun with --batch 8 and cannot go on with 4/],
    [
      ['--r1', '5'],
      /--discriminator-norm batch and --r1 contradict.*--resume keeps the networks and the objective/,
    ],
    [['--warmup', '9', '--steps', '9'], /--warmup 9 and a run of 9 steps contradict.*lower --warmup/],
    [['--schedule', 'cosin'], /--schedule: got "?cosin"?, expected one of constant, linear, cosine/],
  ] as const) {
    const { code, stderr } = await dcganInTurn('train', '--resume', folder, ...flags);
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
  }
  assert.not(existsSync(join(folder, 'config-history.jsonl')));
});

test.run();
