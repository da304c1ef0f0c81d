// A run of R3GAN's networks from the command line: resumed to the bit, exported with every file, analysed, restored from and refused
// where it must be.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { listCheckpoints, loadCheckpoint } from '../../trainer/run/checkpoint.ts';
import { labelledPictures } from '../analysis/features/labelled-pictures.ts';
import { dcgan, jsonLines, modelOf, smallPictures, smallRun } from '../shared/command-line.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('a run of R3GAN’s networks');
const pictures = await smallPictures();
const modern = ['--network', 'modern', '--blocks', '2', '--r1-every', '2'];

async function trained(steps: number, ...flags: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await dcgan(
    ...smallRun(pictures, temporaryFolder(), steps),
    ...modern,
    ...flags,
  );
  assert.is(code, 0, stderr);
  return String(jsonLines(stdout).at(-1)!['runDir']);
}

async function stateOf(run: string): Promise<unknown> {
  const { state, metadata } = await loadCheckpoint((await listCheckpoints(join(run, 'checkpoints')))[0]!);
  const bytes = Object.entries(state).map(([name, { data }]) => [
    name,
    Buffer.from(data.buffer).toString('base64'),
  ]);
  return [metadata.step, metadata.random, metadata.sampler, bytes];
}

const whole = await trained(8);

test('a resumed run ends bit for bit as the uninterrupted one', async () => {
  const stopped = await trained(3);
  const { code, stderr } = await dcgan('train', '--resume', stopped, '--steps', '8', '--json');
  assert.is(code, 0, stderr);
  assert.equal(await stateOf(stopped), await stateOf(whole));
});

test('a run with accumulation, augmentation and a frozen half of D starts from another', async () => {
  const run = await trained(2, '--from', whole, '--freeze-d', '2', '--accumulate', '2', '--augment', 'color');
  const [before, after] = await Promise.all(
    [whole, run].map(
      async (folder) =>
        (await loadCheckpoint((await listCheckpoints(join(folder, 'checkpoints')))[0]!)).state,
    ),
  );
  const bytes = (state: typeof before, name: string): Buffer => Buffer.from(state![name]!.data.buffer);
  for (const name of ['discriminator/image/kernel', 'discriminator/8x8/block2/second/kernel']) {
    assert.equal(bytes(after, name), bytes(before, name), name);
  }
  assert.not.equal(
    bytes(after, 'discriminator/4x4/block1/first/kernel'),
    bytes(before, 'discriminator/4x4/block1/first/kernel'),
  );
});

test('export writes every file that DCGAN has', async () => {
  const flags = ['--activations', '--discriminator', '--masks', '--restoring'];
  const { code, stderr } = await dcgan('export', whole, ...flags);
  assert.is(code, 0, stderr);
  const { files } = modelOf(whole);
  for (const role of [
    'generator',
    'generatorFp16',
    'activations',
    'discriminator',
    'masked',
    'restoring',
  ] as const) {
    assert.ok(files[role] !== undefined, role);
  }
});

test('features, visualise and directions work on it', async () => {
  const folder = temporaryFolder();
  await labelledPictures({ bars: 20, discs: 20, posts: 20 }, { folder, seed: 1 });
  const features = await dcgan(
    ...['features', '--data', folder, '--model', whole, '--baselines', 'random', '--json'],
  );
  assert.is(features.code, 0, features.stderr);
  // 4x4 pixels of 16, 8 and 4 channels.
  assert.is(jsonLines(features.stdout).at(-1)!['featureCount'], 16 * (16 + 8 + 4));
  const out = join(temporaryFolder(), 'seen');
  const flags = ['--filters', '2', '--strongest', '2', '--layer', 'discriminator/8x8', '--out', out];
  const visualise = await dcgan('visualise', whole, ...flags);
  assert.is(visualise.code, 0, visualise.stderr);
  assert.ok(existsSync(join(out, 'discriminator-8x8.png')));
  // Kernels of one pixel make no picture.
  assert.not(existsSync(join(out, 'kernels.png')));
  const directions = await dcgan('directions', join(whole, 'model'), '--method', 'sefa', '--count', '3');
  assert.is(directions.code, 0, directions.stderr);
  assert.is(modelOf(whole).directions?.length, 3);
});

test('restore fills a hole', async () => {
  const flags = '--demonstrate --centre 0.2 --updates 3 --restarts 1'.split(' ');
  const out = temporaryFolder();
  const { code, stderr } = await dcgan('restore', whole, pictures, ...flags, '--out', out);
  assert.is(code, 0, stderr);
});

for (const flags of [
  '--image-size 24x16 --channels 4',
  '--channels 1 --objective hinge --r1 1',
  '--condition info --codes categorical:3,continuous:1 --image-size 16x24',
  '--objective wgan-gp --r1-every 1 --critic-steps 2',
]) {
  test(`train ${flags} makes a model`, async () => {
    const run = await trained(2, ...flags.split(' '));
    assert.ok(modelOf(run).files.generator.bytes > 0);
  });
}

test('what the family does not have is refused with the remedy', async () => {
  for (const [flags, message] of [
    ['--discriminator-norm layer', /no norm; take --discriminator-norm none/],
    ['--dropout 0.2', /leave --dropout out/],
    ['--grow-from 8', /only stylegan's networks grow; leave --grow-from out/],
    ['--head dense', /a setting of dcgan's networks; leave it out/],
  ] as const) {
    const { code, stderr } = await dcgan(
      ...smallRun(pictures, temporaryFolder(), 2),
      ...['--network', 'modern', ...flags.split(' ')],
    );
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
  }
  const { code, stderr } = await dcgan(...smallRun(pictures, temporaryFolder(), 2), '--blocks', '2');
  assert.is(code, 2);
  assert.match(
    stderr,
    /--blocks and --network dcgan contradict each other: it is a setting of modern's networks/,
  );
});

test.run();
