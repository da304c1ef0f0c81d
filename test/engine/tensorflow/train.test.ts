// The real command line on tensorflow-cpu: a whole run, resumed on itself and across engines, with a clean stderr.
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadNewestCheckpoint } from '../../../trainer/run/checkpoint.ts';
import { dcgan, jsonLines, smallPictures, smallRun, start } from '../../shared/command-line.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';
import { tensorflowOrSkip } from './tensorflow.ts';

const test = suite('training on TensorFlow');

const on = (args: readonly string[], engine: string): string[] =>
  args.map((arg) => (arg === 'onnx-cpu' ? engine : arg));

/** The state of a run's newest checkpoint. */
const stateOf = async (runDir: string) =>
  (await loadNewestCheckpoint(join(runDir, 'checkpoints')))!.checkpoint.state;

if (tensorflowOrSkip('training on TensorFlow') === null) {
  test.skip('all tests', () => undefined);
} else {
  test('a run ends with a checked model; resumed, it has the same bits; on the other engine it continues', async () => {
    const [data, out] = [await smallPictures(), temporaryFolder()];
    // Into a file, because Node's stderr of a child is a socket, which cannot be opened again.
    const seen = join(temporaryFolder(), 'stderr');
    const args = on(smallRun(data, out, 8), 'tensorflow-cpu');
    const whole = await start(args, { shell: `exec 2> ${seen};` }).ended;
    assert.is(whole.code, 0, readFileSync(seen, 'utf8'));
    assert.is(readFileSync(seen, 'utf8'), '', 'nothing of TensorFlow is seen');
    const last = jsonLines(whole.stdout).at(-1)!;
    assert.ok(typeof last['model'] === 'string', 'the parity gate has passed');

    const half = jsonLines((await dcgan(...on(smallRun(data, out, 4), 'tensorflow-cpu'))).stdout).at(-1)!;
    const copy = join(temporaryFolder(), 'other');
    cpSync(String(half['runDir']), copy, { recursive: true });

    const same = await dcgan('train', '--resume', String(half['runDir']), '--steps', '8', '--json');
    assert.is(same.code, 0, same.stderr);
    const [expected, resumed] = [
      await stateOf(String(last['runDir'])),
      await stateOf(String(half['runDir'])),
    ];
    for (const [name, { data: values }] of Object.entries(expected)) {
      assert.equal(resumed[name]!.data, values, name);
    }

    const other = await dcgan('train', '--resume', copy, '--steps', '8', '--json', '--engine', 'onnx-cpu');
    assert.is(other.code, 0, other.stderr);
    assert.match(other.stderr, /engine was tensorflow-cpu and is onnx-cpu.*not bit for bit/);
    const back = await dcgan(
      'train',
      '--resume',
      copy,
      '--steps',
      '12',
      '--json',
      '--engine',
      'tensorflow-cpu',
    );
    assert.is(back.code, 0, back.stderr);
    assert.match(back.stderr, /engine was onnx-cpu and is tensorflow-cpu/);
  });

  test("--verbose shows TensorFlow's messages, on stderr", async () => {
    const [data, out] = [await smallPictures(), temporaryFolder()];
    const { code, stdout, stderr } = await dcgan(
      ...on(smallRun(data, out, 1), 'tensorflow-cpu'),
      '--dry-run',
      '--verbose',
    );
    assert.is(code, 0, stderr);
    assert.match(stderr, /tensorflow/);
    for (const line of stdout.trim().split('\n')) assert.not.throws(() => JSON.parse(line) as unknown);
  });
}

test('--tf32 is refused for other engines than tensorflow-cuda', async () => {
  const { code, stderr } = await dcgan('train', '--engine', 'onnx-cpu', '--tf32', '--dry-run');
  assert.is(code, 2);
  assert.match(stderr, /--tf32 and --engine onnx-cpu contradict each other/);
});

test.run();
