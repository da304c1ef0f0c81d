// Runs with labels: resumed to the bit, with a moved table, evaluated, and with every network and objective.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { listCheckpoints, loadCheckpoint } from '../../trainer/run/checkpoint.ts';
import { dcgan, jsonLines, modelOf, smallRun } from '../shared/command-line.ts';
import { picturesWithTable } from '../shared/pictures-with-table.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('labels');
const { data, labels } = await picturesWithTable();

async function train(steps: number, ...flags: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await dcgan(
    ...smallRun(data, temporaryFolder(), steps),
    '--labels',
    labels,
    ...flags,
  );
  assert.is(code, 0, stderr);
  return String(jsonLines(stdout).at(-1)!['runDir']);
}

async function stateOf(run: string): Promise<unknown> {
  const { state, metadata } = await loadCheckpoint((await listCheckpoints(join(run, 'checkpoints')))[0]!);
  const bytes = Object.entries(state).map(([name, { data: values }]) => [
    name,
    Buffer.from(values.buffer).toString('base64'),
  ]);
  return [metadata.step, metadata.random, metadata.sampler, metadata.dataset['conditioning'], bytes];
}

const numbers = ['--condition', 'numbers', '--objective', 'wgan-gp', '--critic-steps', '2'];
const whole = await train(8, ...numbers);

test('model.json has the range of the numbers, and examples of the data', () => {
  const { conditioning } = modelOf(whole);
  assert.is(conditioning?.kind, 'numbers');
  if (conditioning?.kind !== 'numbers') return;
  assert.equal(conditioning.numbers, [{ name: 'size', least: 20, most: 43 }]);
  assert.equal(
    conditioning.examples.map(([value]) => value!).sort((a, b) => a - b),
    Array.from({ length: 24 }, (_, i) => 20 + i),
  );
});

test('a run with numbers resumes bit for bit, also with its table at another path', async () => {
  const stopped = await train(4, ...numbers);
  const moved = join(temporaryFolder(), 'moved.csv');
  writeFileSync(moved, readFileSync(labels));
  const { code, stderr } = await dcgan(
    'train',
    '--resume',
    stopped,
    '--steps',
    '8',
    '--labels',
    moved,
    '--json',
  );
  assert.is(code, 0, stderr);
  assert.equal(await stateOf(stopped), await stateOf(whole));
});

test('a run refuses to go on with other labels at another path', async () => {
  const other = join(temporaryFolder(), 'other.csv');
  writeFileSync(other, readFileSync(labels, 'utf8').replace('yes,20', 'yes,21'));
  const { code, stderr } = await dcgan(
    'train',
    '--resume',
    whole,
    '--steps',
    '9',
    '--labels',
    other,
    '--json',
  );
  assert.is(code, 2);
  assert.match(stderr, /24 images, as when the run was saved, but of other content/);
});

test('evaluate opens the images of a run with its labels', async () => {
  const { code, stdout, stderr } = await dcgan('evaluate', whole, '--count', '24', '--json');
  assert.is(code, 0, stderr);
  const { frechet, protocol } = jsonLines(stdout).at(-1)! as {
    frechet?: unknown;
    protocol: Record<string, unknown>;
  };
  assert.ok(protocol['b'] !== undefined, JSON.stringify({ frechet, protocol }));
});

for (const flags of [
  '--condition attributes --label-discriminator projection --objective hinge --r1 1 --r2 1 --r1-every 2',
  '--condition numbers --network stylegan --grow-from 8 --grow-images 16',
  '--condition attributes --network stylegan --label-discriminator projection',
  '--condition label --label-column group --objective least-squares',
  '--condition attributes --network modern',
  '--condition numbers --network modern --label-discriminator projection',
]) {
  test(`train ${flags} makes a model`, async () => {
    const run = await train(6, ...flags.replace('', '').split(' '));
    const { conditioning, files } = modelOf(run);
    assert.ok(conditioning !== null && files.generator.bytes > 0);
    if (conditioning?.kind === 'classes') assert.equal(conditioning.names, ['a', 'b', 'c']);
  });
}

test.run();
