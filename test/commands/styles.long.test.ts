// A style-based model, spawned for real: it grows, resumes bit for bit across a change of size, exports its two halves also during
// growth, and contradicting flags are refused.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Model } from '../../runtime-web/format/model.ts';
import { listCheckpoints, loadCheckpoint } from '../../trainer/run/checkpoint.ts';
import { dcgan, dcganInTurn, jsonLines, labelledPictures, smallRun } from '../shared/command-line.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('styles');

const labelled = await labelledPictures(16, ['left', 'right']);

// Three steps of 8x8, three of fading, and two of 16x16; every second one has the penalty.
const growing =
  '--network stylegan --grow-from 8 --grow-images 24 --objective relativistic --r1-every 2 --mapping-layers 2 --condition label --augment translation';
const start = (steps: number, out = temporaryFolder()): readonly string[] => [
  ...smallRun(labelled, out, steps),
  ...growing.split(' '),
];

async function train(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await dcgan(...args);
  assert.is(code, 0, stderr);
  return String(jsonLines(stdout).at(-1)!['runDir']);
}

const modelOf = (run: string): Model =>
  JSON.parse(readFileSync(join(run, 'model', 'model.json'), 'utf8')) as Model;

const grown = await train(...start(8));

async function pixels(run: string, ...flags: string[]): Promise<Buffer> {
  const out = join(temporaryFolder(), 'grid.png');
  const { code, stderr } = await dcganInTurn(
    'sample',
    run,
    '--seeds',
    '0-3',
    '--columns',
    '2',
    '--out',
    out,
    ...flags,
  );
  assert.is(code, 0, stderr);
  return sharp(out).raw().toBuffer();
}

test('model.json has the layers and the mean style, and both halves have been compared', () => {
  assert.match(grown, /00001-.*-stylegan-label-relativistic$/);
  const { styles, files, parity, training, latent } = modelOf(grown);
  assert.equal(styles!.layers, [4, 4, 8, 8, 16, 16]);
  // z and the label go through the mapping together.
  assert.is(styles!.dim, latent.dim + 2);
  assert.is(styles!.mean.length, styles!.dim);
  assert.ok(styles!.mean.some((value) => value !== 0));
  assert.is(training?.method, 'stylegan-label-relativistic');
  for (const role of ['mapping', 'synthesis'] as const) {
    assert.ok(files[role]!.bytes > 500);
    assert.is(parity.figures.filter((figure) => figure.role === role).length, 2);
  }
});

test('a run that is interrupted while fading resumes bit for bit, penalties and new layers included', async () => {
  const part = await train(...start(4));
  const half = modelOf(part).styles!;
  assert.equal(half.layers, [4, 4, 8, 8, 16, 16], 'the newest layers are there while they fade in');
  await train('train', '--resume', part, '--steps', '8', '--json');
  const [a, b] = await Promise.all(
    [grown, part].map(async (run) => loadCheckpoint((await listCheckpoints(join(run, 'checkpoints')))[0]!)),
  );
  assert.is(a!.metadata.step, 8);
  assert.equal(Object.keys(b!.state).sort(), Object.keys(a!.state).sort());
  for (const [name, { data }] of Object.entries(a!.state)) {
    assert.equal(b!.state[name]!.data, data, name);
  }
  assert.equal([...a!.state['statistics/growth']!.data], [16, 1]);
  assert.equal(b!.metadata.random, a!.metadata.random);
});

test('truncation moves towards one image for each class', async () => {
  const [whole, none] = [await pixels(grown), await pixels(grown, '--truncation', '0')];
  const picture = (grid: Buffer, at: number): number[] =>
    [...grid].filter((_, i) => {
      const [x, y] = [Math.floor(i / 3) % 32, Math.floor(i / 96)];
      return Math.floor(x / 16) + 2 * Math.floor(y / 16) === at;
    });
  assert.not.equal(picture(whole, 0), picture(whole, 3));
  for (const at of [1, 2, 3]) assert.equal(picture(none, at), picture(none, 0));
  // At one it is left to the generator's own file, and the halves draw the same.
  const near = await pixels(grown, '--truncation', '0.9999999');
  const worst = whole.reduce((most, value, i) => Math.max(most, Math.abs(value - near[i]!)), 0);
  assert.ok(worst <= 3, `${worst} grey levels`);
});

test('contradicting flags are refused by name, before any work', async () => {
  const refusal = async (...flags: string[]): Promise<string> => {
    const { code, stderr } = await dcganInTurn(...smallRun(labelled, temporaryFolder(), 2), ...flags);
    assert.is(code, 2, stderr);
    return stderr;
  };
  const styled = ['--network', 'stylegan'];
  assert.match(
    await refusal(...styled, '--grow-from', '32'),
    /--grow-from 32 and --image-size 16 contradict/,
  );
  assert.match(
    await refusal(...styled, '--grow-from', '3'),
    /--grow-from: got 3, expected a whole number from 4/,
  );
  assert.match(await refusal('--grow-from', '8'), /only stylegan's networks grow/);
  assert.match(await refusal(...styled, '--kernel', '5'), /--kernel and --network stylegan contradict/);
  assert.match(await refusal('--mixing', '0.5'), /--mixing and --network dcgan contradict/);
  assert.match(await refusal(...styled, '--dropout', '0.1'), /--dropout and --network stylegan contradict/);
  assert.match(await refusal(...styled, '--discriminator-norm', 'batch'), /take --discriminator-norm none/);
  assert.match(
    await refusal(...styled, '--discriminator-batch', 'joined'),
    /take --discriminator-batch separate/,
  );
  const second = ['--network', 'stylegan2'];
  assert.match(
    await refusal(...second, '--grow-from', '8'),
    /only stylegan's networks grow; leave --grow-from/,
  );
  assert.match(
    await refusal(...second, '--grow-images', '8'),
    /--grow-images and --network stylegan2 contradict/,
  );
  assert.match(await refusal(...second, '--dropout', '0.1'), /--dropout and --network stylegan2 contradict/);
  assert.match(
    await refusal(...second, '--accumulate', '2'),
    /--accumulate 2 and --path-length 2 contradict each other.*give --path-length 0/,
  );
  assert.match(
    await refusal(...styled, '--path-length', '1'),
    /--path-length and --network stylegan contradict/,
  );
  assert.match(await refusal('--r1-every', '4'), /--r1-every 4 has no effect without --r1/);
  for (const [command, ...flags] of [
    ['visualise', grown],
    ['restore', grown, '--data', labelled],
    ['features', '--data', labelled, '--model', grown],
    ['export', grown, '--masks'],
    ['directions', grown, '--method', 'sefa'],
  ] as const) {
    const { code, stderr } = await dcganInTurn(command, ...flags);
    assert.is(code, 2, `${command}: ${stderr}`);
  }
});

test('a model that has not grown to full size says so, with the size it has', async () => {
  const { code, stdout } = await dcgan(...start(2));
  assert.is(code, 0);
  const warnings = jsonLines(stdout).filter(({ event }) => event === 'warning');
  assert.match(
    String(warnings.at(-1)!['message']),
    /have not grown to 16x16 yet: the model's images are 8x8, enlarged; they have full size after 48 images/,
  );
});

test.run();
