// Class-conditional and InfoGAN models, spawned for real: model.json describes their inputs, labels and codes change the images, and
// invalid ones are refused. A run with a mix of methods resumes bit for bit.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { listCheckpoints, loadCheckpoint } from '../../trainer/run/checkpoint.ts';
import {
  dcgan,
  dcganInTurn,
  jsonLines,
  labelledPictures,
  modelOf,
  smallRun,
} from '../shared/command-line.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('conditional models');

/** Pictures in a folder for each class. */
const labelled = await labelledPictures(24, ['round', 'rounder', 'roundest']);

async function train(steps: number, ...flags: string[]): Promise<string> {
  const { code, stdout, stderr } = await dcgan(...smallRun(labelled, temporaryFolder(), steps), ...flags);
  assert.is(code, 0, stderr);
  return String(jsonLines(stdout).at(-1)!['runDir']);
}

const family = '--condition label --objective wgan-gp --critic-steps 2 --augment color,translation,cutout';
const ofClasses = await train(8, ...family.split(' '));
const ofCodes = await train(4, '--condition', 'info', '--codes', 'categorical:3,continuous:1');
const plain = await train(2);

async function pixels(run: string, ...flags: string[]): Promise<Buffer> {
  const out = join(temporaryFolder(), 'grid.png');
  const { code, stderr } = await dcganInTurn('sample', run, '--seeds', '0-5', '--out', out, ...flags);
  assert.is(code, 0, stderr);
  return sharp(out).raw().toBuffer();
}

async function refusal(...args: string[]): Promise<string> {
  const { code, stderr } = await dcganInTurn(...args);
  assert.is(code, 2, stderr);
  return stderr;
}

test('model.json names the classes, the codes with their ranges, and the method', () => {
  assert.equal(modelOf(ofClasses).conditioning, { kind: 'classes', names: ['round', 'rounder', 'roundest'] });
  assert.is(modelOf(ofClasses).training?.method, 'dcgan-label-wgan-gp');
  assert.match(ofClasses, /00001-.*-dcgan-label-wgan-gp$/);
  assert.equal(modelOf(ofCodes).conditioning, {
    kind: 'codes',
    codes: [
      { kind: 'choice', name: 'category', choices: ['0', '1', '2'] },
      { kind: 'continuous', name: 'code 1', least: -1, most: 1 },
    ],
  });
  assert.is(modelOf(plain).conditioning, null);
});

test('a class by name is the class by number; without one, classes alternate with the seed', async () => {
  const byName = await pixels(ofClasses, '--label', 'rounder');
  assert.equal(await pixels(ofClasses, '--label', '1'), byName);
  for (const where of ['label=rounder', 'Rounder', 'label=1']) {
    assert.equal(await pixels(ofClasses, '--where', where), byName, where);
  }
  const other = await pixels(ofClasses, '--label', '2');
  assert.not.equal(other, byName);
  // Seeds 0 to 5 in two rows of three: the column is the class.
  const turns = await pixels(ofClasses, '--columns', '3');
  const given = await pixels(ofClasses, '--columns', '3', '--label', '1');
  const column = (image: Buffer, c: number): number[] =>
    [...image].filter((_, i) => Math.floor((Math.floor(i / 3) % 48) / 16) === c);
  assert.equal(column(turns, 1), column(given, 1));
  assert.not.equal(column(turns, 0), column(given, 0));
});

test('without --columns each class has a column, with its name above', async () => {
  const sheetOf = async (seeds: string, ...flags: string[]): Promise<{ size: number[]; pixels: Buffer }> => {
    const out = join(temporaryFolder(), 'sheet.png');
    const { code, stdout, stderr } = await dcganInTurn(
      ...['sample', ofClasses, '--seeds', seeds, '--out', out, '--json', ...flags],
    );
    assert.is(code, 0, stderr);
    const { width, height } = jsonLines(stdout).at(-1)!;
    const { data, info } = await sharp(out).raw().toBuffer({ resolveWithObject: true });
    assert.equal([width, height], [info.width, info.height]);
    return { size: [info.width, info.height], pixels: data };
  };
  const six = await sheetOf('0-5');
  // As wide as three names with gaps, and higher than two rows.
  assert.ok(six.size[0]! > 3 * 16 && six.size[1]! > 2 * 16, six.size.join('x'));
  const grid = await sharp(await pixels(ofClasses, '--columns', '3'), {
    raw: { width: 48, height: 32, channels: 3 },
  })
    .extract({ left: 16, top: 0, width: 16, height: 16 })
    .raw()
    .toBuffer();
  const row = grid.subarray(0, 48).toString('hex');
  assert.ok(six.pixels.toString('hex').includes(row), 'the image of seed 1 is on the sheet');
  // A plain grid where columns or a class are asked for, and where columns would mix classes.
  assert.equal((await sheetOf('0-5', '--columns', '3')).size, [48, 32]);
  assert.equal((await sheetOf('0-5', '--label', '1')).size, [48, 32]);
  assert.equal((await sheetOf('0,3,6,1')).size, [32, 32]);
});

test('codes are given by value, and an omitted one follows from the seed', async () => {
  const first = await pixels(ofCodes, '--code', '0,0.5');
  assert.not.equal(await pixels(ofCodes, '--code', '2,0.5'), first);
  assert.equal(await pixels(ofCodes, '--where', 'code 1=0.5, category=0'), first);
  assert.not.equal(await pixels(ofCodes, '--code', '0,-0.5'), first);
  assert.not.equal(await pixels(ofCodes, '--code', '-,0.5'), first);
  assert.equal(await pixels(ofCodes, '--code', '-,-'), await pixels(ofCodes));
});

test('labels and codes that a model does not have are refused', async () => {
  const sample = (run: string, ...flags: string[]): Promise<string> =>
    refusal('sample', run, '--out', join(temporaryFolder(), 'x.png'), ...flags);
  assert.match(
    await sample(ofClasses, '--label', 'square'),
    /got "square".*0 to 2 or one of round, rounder, roundest/,
  );
  assert.match(await sample(ofClasses, '--code', '1'), /classes, not codes/);
  assert.match(await sample(ofCodes, '--code', '3,0'), /category: got 3.*0 to 2/);
  assert.match(await sample(ofCodes, '--code', '0,1.5'), /code 1: got 1\.5.*from -1 to 1/);
  assert.match(await sample(ofCodes, '--code', '0'), /got 1 values, expected 2: category, code 1/);
  assert.match(await sample(plain, '--label', '0'), /neither classes nor codes/);
  assert.match(
    await refusal(
      ...smallRun(labelled, temporaryFolder(), 1),
      ...['--condition', 'label', '--class-names', 'a,b'],
    ),
    /--class-names: got 2 names, expected 3, for round, rounder, roundest/,
  );
});

test('a walk keeps the class of its first keyframe, or the requested one', async () => {
  const strip = async (...flags: string[]): Promise<Buffer> => {
    const out = join(temporaryFolder(), 'strip.png');
    const walk = ['walk', ofClasses, '--from', '4', '--to', '5', '--steps', '3', '--out', out];
    const { code, stderr } = await dcganInTurn(...walk, ...flags);
    assert.is(code, 0, stderr);
    return sharp(out).raw().toBuffer();
  };
  assert.equal(await strip(), await strip('--label', 'rounder'));
  assert.not.equal(await strip(), await strip('--label', 'round'));
});

test('synthesize writes a folder for each class, which can be trained on; no two images share a latent', async () => {
  const out = join(temporaryFolder(), 'synthetic');
  const write = ['synthesize', ofClasses, '--per-class', '4', '--from', '10', '--out', out, '--json'];
  const { code, stdout, stderr } = await dcgan(...write);
  assert.is(code, 0, stderr);
  const report = jsonLines(stdout).at(-1)!;
  assert.equal([report['images'], report['perClass']], [12, 4]);
  assert.equal(readdirSync(out).sort(), ['round', 'rounder', 'roundest']);
  assert.equal(
    readdirSync(join(out, 'rounder')),
    [13, 16, 19, 22].map((seed) => `00000${seed}.png`),
  );
  const [first] = await Promise.all([
    sharp(join(out, 'rounder', '0000013.png'))
      .raw()
      .toBuffer(),
  ]);
  const sampled = join(temporaryFolder(), 'one.png');
  await dcgan('sample', ofClasses, '--seeds', '13', '--label', 'rounder', '--out', sampled);
  assert.equal(first, await sharp(sampled).raw().toBuffer());
  const trained = await dcgan(...smallRun(out, temporaryFolder(), 2), '--condition', 'label');
  assert.is(trained.code, 0, trained.stderr);
  assert.match(await refusal(...write), /holds round already/);
  assert.match(
    await refusal('synthesize', plain, '--per-class', '4', '--out', join(temporaryFolder(), 'x')),
    /has no classes to write folders for/,
  );
});

test('commands that only know z say so before they begin', async () => {
  assert.match(
    await refusal('arithmetic', ofClasses, '--plus', '1', '--minus', '2'),
    /takes classes beside z/,
  );
  assert.match(await refusal('directions', ofCodes, '--method', 'sefa'), /takes codes beside z/);
  assert.match(await refusal('visualise', ofCodes), /takes codes beside z/);
  assert.match(
    await refusal('export', ofClasses, '--restoring', '--out', temporaryFolder()),
    /given labels beside images/,
  );
});

test('a run with classes, penalty, critic steps and augmentation resumes bit for bit', async () => {
  const stopped = await train(4, ...family.split(' '));
  const { code, stderr } = await dcgan('train', '--resume', stopped, '--steps', '8', '--json');
  assert.is(code, 0, stderr);
  const states = await Promise.all(
    [stopped, ofClasses].map(async (run) => {
      const { state, metadata } = await loadCheckpoint((await listCheckpoints(join(run, 'checkpoints')))[0]!);
      const bytes = Object.entries(state).map(([name, { data }]) => [
        name,
        Buffer.from(data.buffer).toString('base64'),
      ]);
      return [metadata.step, metadata.images, metadata.random, metadata.sampler, bytes];
    }),
  );
  assert.is(states[0]![1], 8 * 8 * 2, 'images are those that the critic saw');
  assert.equal(states[0], states[1]);
});

test('--on-collapse stop ends a collapsed run with 2; rollback retries up to three times', async () => {
  const lost = [...smallRun(labelled, temporaryFolder(), 100), '--learning-rate', '10'];
  const stopped = await dcgan(...lost, '--on-collapse', 'stop');
  assert.is(stopped.code, 2);
  assert.match(stopped.stderr, /stopped at step \d+: .*diverged/);
  const back = await dcgan(...lost, '--on-collapse', 'rollback');
  assert.is(back.code, 2);
  const times = [
    ...back.stderr.matchAll(/back to (step \d+|the beginning) with new random latents \(rollback (\d) of 3/g),
  ];
  assert.equal(
    times.map((found) => found[2]),
    ['1', '2', '3'],
  );
});

test.run();
