// Evaluations during training, spawned: they change nothing that training computes, the best step is kept and becomes the model, and
// patience ends a run cleanly.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseModel } from '../../../runtime-web/format/parse-model.ts';
import { listCheckpoints, loadCheckpoint } from '../../../trainer/run/checkpoint.ts';
import { writeTinyNetwork } from '../../metrics/tiny-network.ts';
import { dcgan, dcganInTurn, jsonLines, smallPictures, smallRun } from '../../shared/command-line.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';

const test = suite('evaluations of a run');
const network = writeTinyNetwork(temporaryFolder());
const pictures = await smallPictures(40);
const tiny = ['--evaluate-network', network, '--evaluate-count', '40'];
const steps = 12;

/** Trains a small run to its end; resolves to its folder and its JSON lines. */
async function trained(...flags: readonly string[]) {
  const { code, stdout, stderr } = await dcgan(...smallRun(pictures, temporaryFolder(), steps), ...flags);
  assert.is(code, 0, stderr);
  const lines = jsonLines(stdout);
  const last = lines.at(-1)!;
  return { folder: String(last['runDir']), lines, last, stderr };
}

const stepOf = (model: string): number =>
  parseModel(JSON.parse(readFileSync(join(model, 'model.json'), 'utf8')), 'model.json').training!.steps;

/** The bytes of every tensor of a run's newest checkpoint. */
async function bytesOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const { state } = await loadCheckpoint((await listCheckpoints(join(folder, 'checkpoints')))[0]!);
  return Object.fromEntries(
    Object.entries(state).map(([name, { data }]) => [
      name,
      Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
    ]),
  );
}

const [plain, evaluated] = [
  await trained('--evaluate-every', 'none'),
  await trained('--evaluate-every', '3', '--keep-checkpoints', '1', ...tiny),
];
const evaluations = evaluated.lines.filter(({ event }) => event === 'evaluation') as unknown as readonly {
  readonly step: number;
  readonly evaluation: { readonly frechet: number; readonly network: string };
  readonly isBest: boolean;
}[];
const lowest = Math.min(...evaluations.map(({ evaluation }) => evaluation.frechet));
const bestStep = evaluations.find(({ evaluation }) => evaluation.frechet === lowest)!.step;

test('a run ends bit for bit as without evaluations', async () => {
  assert.equal(await bytesOf(evaluated.folder), await bytesOf(plain.folder));
});

test('the step with the lowest Fréchet distance is the model, and evaluate finds the same figures in it', async () => {
  assert.equal(
    evaluations.map(({ step }) => step),
    [3, 6, 9, 12],
  );
  const { folder, last } = evaluated;
  assert.is(stepOf(join(folder, 'model')), bestStep);
  assert.is(last['modelStep'], bestStep);
  assert.is((last['evaluation'] as { frechet: number }).frechet, lowest);
  assert.is(stepOf(join(plain.folder, 'model')), steps);
  const { stdout } = await dcgan('evaluate', folder, '--network', network, '--count', '40', '--json');
  const found = jsonLines(stdout).at(-1)!;
  const saved = last['evaluation'] as Record<string, number>;
  for (const key of ['frechet', 'kid', 'precision', 'recall']) {
    const [here, there] = [saved[key]!, Number(found[key])];
    assert.ok(Math.abs(here - there) <= 0.01 * Math.max(0.1, Math.abs(there)), `${key}: ${here}, ${there}`);
  }
});

test('export takes the best step, the last or the one that is named, and a run without evaluations has no best', async () => {
  const { folder } = evaluated;
  const out = temporaryFolder();
  for (const [name, args, step] of [
    ['default', [], bestStep],
    ['best', ['--checkpoint', 'best'], bestStep],
    ['last', ['--checkpoint', 'last'], steps],
  ] as const) {
    const to = join(out, name);
    const { code, stdout, stderr } = await dcgan('export', folder, ...args, '--out', to);
    assert.is(code, 0, stderr);
    assert.is(stepOf(to), step);
    assert.is(/step \d+, the best: Fréchet distance .*\(tiny;/.test(stdout), name !== 'last', stdout);
  }
  const none = await dcganInTurn('export', plain.folder, '--checkpoint', 'best');
  assert.is(none.code, 2);
  assert.match(none.stderr, /--checkpoint best: .* has no evaluations.*leave --checkpoint out/);
  const wrong = await dcganInTurn('export', folder, '--checkpoint', 'step-5');
  assert.match(wrong.stderr, /there are: step-000012, best\)/);
  const again = await trained('--evaluate-every', '3', '--export', 'last', ...tiny);
  assert.is(stepOf(join(again.folder, 'model')), steps);
  assert.ok(existsSync(join(again.folder, 'checkpoints', 'best.safetensors')));
});

test('patience ends a run with a model and exit code 0, and the run can go on', async () => {
  const out = temporaryFolder();
  const flags = ['--evaluate-every', '1', '--patience', '1', '--learning-rate', '0.05', ...tiny];
  const { code, stdout, stderr } = await dcgan(...smallRun(pictures, out, 400), ...flags);
  assert.is(code, 0, stderr);
  const last = jsonLines(stdout).at(-1)!;
  assert.is(last['event'], 'done');
  assert.is(last['isOutOfPatience'], true);
  assert.ok(Number(last['step']) < 400);
  assert.is(stepOf(String(last['model'])), Number(last['step']) - 1);
  const more = await dcgan('train', '--resume', String(last['runDir']));
  assert.is(more.code, 0, more.stderr);
  assert.match(more.stdout, /\nended {5}after 1 evaluation without a lower distance/);
  assert.match(more.stdout, /\nmodel .*\(step \d+, the best: Fréchet distance \S+ by tiny; --export last/);
  const refused = await dcganInTurn(
    ...smallRun(pictures, out, 4),
    ...['--patience', '1', '--evaluate-every', 'none'],
  );
  assert.is(refused.code, 2);
  assert.match(refused.stderr, /--patience 1 and --evaluate-every none contradict each other/);
});

test('by the embedded network, each printed distance says that it is no FID', async () => {
  const data = await smallPictures(280);
  const flags = smallRun(data, temporaryFolder(), 4).filter((flag) => flag !== '--json');
  const { code, stdout, stderr } = await dcgan(...flags, '--evaluate-every', '2');
  assert.is(code, 0, stderr);
  const distances = stdout.split('\n').filter((line) => line.includes('Fréchet'));
  assert.is(distances.length, 3, stdout);
  for (const line of distances) assert.match(line, /dcgan-features 1, no FID/);
});

test.run();
