// `dcgan import netG.pth`, spawned for real, on files that PyTorch made: its pictures are PyTorch's, its run goes on, and what does
// not fit is refused with nothing written.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseModel } from '../../../runtime-web/format/parse-model.ts';
import { openNativeGenerator } from '../../../trainer/model-package/native-generator.ts';
import { listCheckpoints, loadCheckpoint } from '../../../trainer/run/checkpoint.ts';
import { dcgan, dcganInTurn, jsonLines, smallPictures } from '../../shared/command-line.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';
import { fixture, largestDifference, pytorchImages } from '../../import-pytorch/fixture.ts';

const test = suite('dcgan import of PyTorch’s state dicts');
const root = temporaryFolder();
const architecture = ['--architecture', 'pytorch-dcgan'];
const run = join(root, 'disc');

const modelIn = (folder: string) => {
  const path = join(folder, 'model', 'model.json');
  return parseModel(JSON.parse(readFileSync(path, 'utf8')), path);
};

/** The largest difference of a model's images from PyTorch's. */
async function differenceOf(folder: string): Promise<number> {
  const { z, images } = pytorchImages();
  const file = readFileSync(join(folder, 'model', 'generator.onnx'));
  const generator = await openNativeGenerator(file, { latentDim: 6, threads: 1 });
  const { data } = await generator.draw(z);
  await generator.dispose();
  return largestDifference(data, images);
}

test('a .pth with its discriminator becomes a run whose model draws what PyTorch draws', async () => {
  const { code, stdout, stderr } = await dcgan(
    ...[
      'import',
      fixture('netG.pth'),
      ...architecture,
      '--discriminator',
      fixture('netD.pth'),
      '--out',
      run,
      '--json',
    ],
  );
  assert.is(code, 0, stderr);
  assert.equal(jsonLines(stdout).at(-1), { event: 'done', run, model: join(run, 'model'), warnings: [] });
  const { images } = pytorchImages();
  assert.ok(Math.max(...images) > 0.5 && Math.min(...images) < -0.5, 'the fixture has contrast');
  assert.ok((await differenceOf(run)) < 1e-5);
  const { name, training, origin, width: imageSize, channels, latent } = modelIn(run);
  assert.equal([name, training, imageSize, channels, latent.dim], ['disc', null, 16, 3, 6]);
  assert.equal(origin?.format, 'pytorch');
  assert.equal(
    origin?.files.map(({ file }) => file),
    ['netG.pth', 'netD.pth'],
  );
  assert.equal(origin?.settings, { architecture: 'pytorch-dcgan' });
});

for (const [name, tolerance] of [
  ['netG.safetensors', 1e-5],
  ['strided-double.pth', 1e-5],
  ['big-endian.pth', 1e-5],
  // The weights themselves are rounded to 11 bits.
  ['parallel-half.pth', 0.05],
] as const) {
  test(`${name} becomes the same model`, async () => {
    const out = join(root, name);
    const { code, stderr } = await dcganInTurn('import', fixture(name), ...architecture, '--out', out);
    assert.is(code, 0, stderr);
    assert.ok((await differenceOf(out)) < tolerance);
  });
}

test('the run is sampled and analysed as any other', async () => {
  const png = join(root, 'grid.png');
  const sampled = await dcganInTurn('sample', run, '--seeds', '0-3', '--out', png);
  assert.is(sampled.code, 0, sampled.stderr);
  assert.match(sampled.stdout, /imported from netG\.pth/);
  const found = await dcganInTurn('directions', run, '--method', 'sefa', '--count', '2');
  assert.is(found.code, 0, found.stderr);
  assert.is(modelIn(run).directions.length, 2);
});

test('what needs training images says that the run has none', async () => {
  for (const args of [
    ['train', '--resume', run],
    ['export', run, '--discriminator'],
    ['visualise', run],
    ['evaluate', run],
  ]) {
    const { code, stderr } = await dcganInTurn(...args);
    assert.is(code, 2, `${args[0]}: ${stderr}`);
    assert.match(
      stderr,
      /has no training images yet; give (--data with images|images to compare with)/,
      args[0],
    );
  }
});

test('resumed with images it goes on from the imported weights, with settings of its own, and then has these images', async () => {
  const pictures = await smallPictures();
  const absent = await dcganInTurn('train', '--resume', run, '--data', join(root, 'absent'));
  assert.is(absent.code, 2);
  assert.match(absent.stderr, /absent: no such file or folder/);
  const before = (await loadCheckpoint((await listCheckpoints(join(run, 'checkpoints')))[0]!)).state;
  const flags =
    '--steps 2 --batch 8 --learning-rate 0.0001 --sample-count 4 --engine onnx-cpu --threads 2 --json'.split(
      ' ',
    );
  const { code, stdout, stderr } = await dcgan('train', '--resume', run, '--data', pictures, ...flags);
  assert.is(code, 0, stderr);
  assert.match(
    stderr,
    /^warning: the model that was here \(imported from netG\.pth and netD\.pth\) had directions [^\n]*\n$/,
  );
  assert.is(jsonLines(stdout).at(-1)!['event'], 'done');
  const { state, metadata } = await loadCheckpoint((await listCheckpoints(join(run, 'checkpoints')))[0]!);
  assert.is(metadata.step, 2);
  assert.is(metadata.config.data, pictures);
  assert.is(metadata.config.learningRate, 1e-4);
  assert.is(metadata.origin?.files[0]?.file, 'netG.pth');
  for (const name of ['generator/block1/kernel', 'discriminator/block2/kernel']) {
    const moved = largestDifference(state[name]!.data, before[name]!.data);
    // Adam moves a weight by at most about its rate in each of the two steps.
    assert.ok(moved > 0 && moved < 1e-3, `${name} moved by ${moved}`);
  }
  const { training, origin } = modelIn(run);
  assert.is(training?.steps, 2);
  assert.is(training?.dataset.images, 40);
  assert.is(origin?.files[0]?.file, 'netG.pth');
  const again = await dcganInTurn('train', '--resume', run, '--steps', '3', '--base-width', '8');
  assert.is(again.code, 2);
  assert.match(again.stderr, /begun with --base-width 4 and cannot go on with 8/);
});

test('a number that is not finite is refused by its name', async () => {
  const bytes = readFileSync(fixture('netG.safetensors'));
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<
    string,
    { data_offsets: number[] }
  >;
  bytes.writeUInt32LE(0x7fc00000, 8 + length + header['main.3.weight']!.data_offsets[0]!);
  const path = join(root, 'nan.safetensors');
  writeFileSync(path, bytes);
  const { code, stderr } = await dcganInTurn('import', path, ...architecture, '--out', join(root, 'nan'));
  assert.is(code, 2);
  assert.match(stderr, /main\.3\.weight holds a number that is not finite/);
});

const netG = fixture('netG.pth');
for (const [what, args, message] of [
  ['no architecture', [netG], /give --architecture pytorch-dcgan/],
  ['two files', [netG, fixture('netD.pth'), ...architecture], /netD with --discriminator/],
  ['a name', [netG, ...architecture, '--name', 'x'], /called as its folder/],
  ['a discriminator first', [fixture('netD.pth'), ...architecture], /these are a discriminator's weights/],
  ['a generator twice', [netG, ...architecture, '--discriminator', netG], /these are a generator's weights/],
  [
    'a missing discriminator',
    [netG, ...architecture, '--discriminator', 'absent.pth'],
    /absent\.pth: cannot be opened/,
  ],
  ['a command', [fixture('command.pth'), ...architecture], /posix\.system.*nothing was executed/],
  ['a checkpoint', [fixture('checkpoint.pth'), ...architecture], /\["netG"\]/],
] as const) {
  test(`${what} is refused in one line, and nothing is written`, async () => {
    const out = join(root, 'refused');
    const { code, stdout, stderr } = await dcganInTurn('import', ...args, '--out', out);
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
    assert.match(stderr, /^error: [^\n]*\n$/);
    assert.is(stdout, '');
    assert.not.ok(existsSync(out));
    assert.not.ok(existsSync('executed'));
  });
}

test('a folder in use is left as it is', async () => {
  const files = readdirSync(run);
  const { code, stderr } = await dcganInTurn('import', netG, ...architecture, '--out', run);
  assert.is(code, 2);
  assert.match(stderr, /holds files already .*; give a new folder/);
  assert.equal(readdirSync(run), files);
  assert.not.ok(readdirSync(root).some((name) => name.endsWith('.tmp')));
});

test.run();
