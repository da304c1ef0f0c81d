// StyleGAN2's networks, spawned for real: a run resumes bit for bit, exports its two halves, and goes with labels, other shapes,
// augmentation, another run's weights and the commands on models with styles.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { listCheckpoints, loadCheckpoint } from '../../trainer/run/checkpoint.ts';
import { dcgan, jsonLines, labelledPictures, modelOf, smallRun, stickers } from '../shared/command-line.ts';
import { picturesWithTable } from '../shared/pictures-with-table.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('stylegan2');

const labelled = await labelledPictures(16, ['left', 'right']);
const network = ['--network', 'stylegan2', '--mapping-layers', '2'];

async function succeed(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await dcgan(...args);
  assert.is(code, 0, `${args.join(' ')}: ${stderr}`);
  return stdout;
}

async function train(data: string, steps: number, ...flags: readonly string[]): Promise<string> {
  const stdout = await succeed(...smallRun(data, temporaryFolder(), steps), ...network, ...flags);
  return String(jsonLines(stdout).at(-1)!['runDir']);
}

const newest = async (run: string) => loadCheckpoint((await listCheckpoints(join(run, 'checkpoints')))[0]!);

// R1 in steps 2, 4, 6, 8; path length in steps 3 and 6.
const lazy = '--condition label --r1-every 2 --path-length-every 3'.split(' ');
const whole = await train(labelled, 8, ...lazy);

test('model.json has the styles, and all files have been compared with the checkpoint', () => {
  assert.match(whole, /00001-.*-stylegan2-label$/);
  const { styles, files, parity, latent } = modelOf(whole);
  assert.equal(styles!.layers, [4, 8, 8, 16, 16, 16]);
  assert.is(styles!.dim, latent.dim + 2);
  assert.ok(styles!.mean.some((value) => value !== 0));
  for (const role of ['mapping', 'synthesis'] as const) {
    assert.ok(files[role]!.bytes > 500);
    assert.is(parity.figures.filter((figure) => figure.role === role).length, 2);
  }
  assert.ok(parity.figures.some(({ role }) => role === 'generatorFp16'));
});

test('a run that is interrupted resumes bit for bit, the running mean of path lengths included', async () => {
  const part = await train(labelled, 4, ...lazy);
  await succeed('train', '--resume', part, '--steps', '8', '--json');
  const [a, b] = [await newest(whole), await newest(part)];
  assert.is(a.metadata.step, 8);
  assert.equal(Object.keys(b.state).sort(), Object.keys(a.state).sort());
  for (const [name, { data }] of Object.entries(a.state)) assert.equal(b.state[name]!.data, data, name);
  assert.equal(b.metadata.random, a.metadata.random);
  assert.ok(a.state['statistics/style/path-length']!.data[0]! > 0);
});

test('sample, walk and synthesize draw with it; truncation 0 draws one image for each class', async () => {
  const folder = temporaryFolder();
  const out = join(folder, 'grid.png');
  await succeed('sample', whole, '--seeds', '0-3', '--columns', '2', '--truncation', '0', '--out', out);
  const grid = await sharp(out).removeAlpha().raw().toBuffer();
  const row = (y: number): Buffer => grid.subarray(y * 32 * 3, (y + 1) * 32 * 3);
  // Classes take turns, so the grid's rows repeat.
  assert.ok(row(3).equals(row(19)));
  await succeed('sample', whole, '--seeds', '0-3', '--columns', '2', '--out', out);
  const varied = await sharp(out).removeAlpha().raw().toBuffer();
  assert.not.ok(varied.equals(grid));
  const film = join(folder, 'walk.webp');
  await succeed('walk', whole, '--from', '1', '--to', '2', '--steps', '3', '--out', film);
  assert.ok(existsSync(film));
  const many = join(folder, 'many');
  await succeed('synthesize', whole, '--per-class', '2', '--out', many);
  assert.ok(readdirSync(many).length > 0);
});

test('16x24 with transparency: trained with augmentation, sampled in its shape', async () => {
  const run = await train(
    await stickers(),
    6,
    ...'--image-size 16x24 --channels 4 --augment color,translation --path-length-every 2'.split(' '),
  );
  const model = modelOf(run);
  assert.equal([model.width, model.height, model.channels], [16, 24, 4]);
  const out = join(temporaryFolder(), 'one.png');
  await succeed('sample', run, '--seeds', '3', '--out', out);
  const { width, height, channels } = await sharp(out).metadata();
  assert.equal([width, height, channels], [16, 24, 4]);
});

test('another run starts from its weights at twice the size, with the first layers of D as they are', async () => {
  const flags = ['--from', whole, '--image-size', '32', '--freeze-d', '1', '--condition', 'label'];
  const stdout = await succeed(
    ...smallRun(labelled, temporaryFolder(), 4).filter((flag) => flag !== '16' && flag !== '--image-size'),
    ...flags,
  );
  const [before, after] = [await newest(whole), await newest(String(jsonLines(stdout).at(-1)!['runDir']))];
  const first = (side: number): string => `discriminator/${side}x${side}/first/kernel`;
  assert.equal(after.state[first(32)]!.data, before.state[first(16)]!.data, 'frozen');
  assert.not.equal(after.state[first(16)]!.data, before.state[first(8)]?.data);
});

test('a batch in parts needs no path length', async () => {
  const run = await train(labelled, 3, '--accumulate', '2', '--path-length', '0', '--r1-every', '2');
  assert.is((await newest(run)).state['statistics/style/path-length']!.data[0], 0);
});

const { data: pictures, labels } = await picturesWithTable();
for (const flags of [
  '--condition numbers --channels 1',
  '--condition attributes --label-discriminator projection --objective hinge',
  '--condition label --label-column group --objective relativistic',
  '--condition info --codes categorical:3,continuous:2 --objective wgan-gp --critic-steps 2',
]) {
  test(`train ${flags} makes a model`, async () => {
    const run = await train(pictures, 4, '--labels', labels, '--path-length-every', '2', ...flags.split(' '));
    const { conditioning, files } = modelOf(run);
    assert.ok(conditioning !== null && files.synthesis!.bytes > 0);
  });
}

test.run();
