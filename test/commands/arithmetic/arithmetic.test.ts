// `dcgan arithmetic`, spawned for real: sums by seed generate the image of the sum, sums by attribute choose exemplars and measure,
// and contradicting flags are refused.
import { square } from '../../../runtime-web/format/image-shape.ts';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { jittered } from '../../../runtime-web/format/latents.ts';
import { latentFromSeed } from '../../../runtime-web/format/random.ts';
import { figureLayout } from '../../../trainer/analysis/sums/sum-figure.ts';
import type { SavedFinding } from '../../../trainer/findings/findings.ts';
import { dcgan, dcganInTurn, jsonLines, smallRun, start } from '../../shared/command-line.ts';
import { makeTinyRun } from '../../export/tiny-run.ts';
import { runModel } from '../../graph/lower/run-graph.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';
import { smallConfig } from '../../shared/small-config.ts';

const test = suite('arithmetic');
const root = temporaryFolder();
const tiny = await makeTinyRun(root, smallConfig);
assert.is((await dcgan('export', tiny.path)).code, 0);
/** A model outside any run. */
const alone = join(root, 'alone');
await cp(tiny.model, alone, { recursive: true });
const size = smallConfig.imageSize;
const dim = smallConfig.latent;
const sum = ['--plus', '3,7,9', '--minus', '5,6', '--plus', '1'] as const;

test('a sum is that of its terms’ means, in the figure, in the numbers and in the link', async () => {
  const [png, json] = [join(root, 'sum.png'), join(root, 'sum.json')];
  const { code, stdout, stderr } = await dcgan(
    ...['arithmetic', alone, ...sum, '--out', png, '--out', json, '--json'],
  );
  assert.is(code, 0, stderr);
  assert.is(stderr, '');
  const link = '#arithmetic?model=dropped/tiny-dcgan&a=3,7,9&b=5,6&c=1&jitter=0.25';
  const terms = [
    { sign: 'plus', seeds: [3, 7, 9] },
    { sign: 'minus', seeds: [5, 6] },
    { sign: 'plus', seeds: [1] },
  ];
  const record = { terms, strength: 1, jitter: 0.25, link };
  assert.equal(jsonLines(stdout), [
    { event: 'done', model: alone, out: [png, json], finding: null, ...record },
  ]);
  const z = (seed: number): Float32Array => latentFromSeed(seed, dim, 'uniform');
  const wanted = Float32Array.from(
    z(1),
    (value, i) => (z(3)[i]! + z(7)[i]! + z(9)[i]!) / 3 - (z(5)[i]! + z(6)[i]!) / 2 + value,
  );
  const read = JSON.parse(readFileSync(json, 'utf8')) as { sum: number[]; nine: number[][] };
  wanted.forEach((value, i) => assert.ok(Math.abs(read.sum[i]! - value) < 1e-6));
  assert.equal(read.nine[4], read.sum);
  const noisy = jittered(Float32Array.from(read.sum), 0.25);
  read.nine.forEach((latent, i) => assert.equal(Float32Array.from(latent), noisy[i]));

  // The middle of the nine is what the generator draws of the sum.
  const { images } = await runModel(readFileSync(join(alone, 'generator.onnx')), {
    z: { shape: [1, dim], dtype: 'float32', data: Float32Array.from(read.sum) },
  });
  const { width, height, gap, resultLeft } = figureLayout([3, 2, 1], square(size));
  const metadata = await sharp(png).metadata();
  assert.equal([metadata.width, metadata.height], [width, height]);
  const middle = await sharp(png)
    .extract({ left: resultLeft + size, top: height - gap - 2 * size, width: size, height: size })
    .raw()
    .toBuffer();
  middle.forEach((byte, i) => {
    const value = Math.min(255, Math.max(0, Math.round((images!.data[i]! + 1) * 127.5)));
    assert.ok(Math.abs(byte - value) <= 1, `${i}: ${byte}, ${value}`);
  });
});

test('noise, seed and strength change only their part of the result', async () => {
  const numbers = async (...args: readonly string[]): Promise<{ sum: number[]; nine: number[][] }> => {
    const file = join(root, 'again.json');
    const { code, stderr } = await dcganInTurn('arithmetic', alone, ...sum, ...args, '--out', file);
    assert.is(code, 0, stderr);
    return JSON.parse(readFileSync(file, 'utf8')) as { sum: number[]; nine: number[][] };
  };
  const plain = await numbers();
  assert.equal(await numbers(), plain);
  const other = await numbers('--seed', '1');
  assert.equal(other.sum, plain.sum);
  assert.not.equal(other.nine, plain.nine);
  assert.equal((await numbers('--jitter', '0')).nine[0], plain.sum);
  const far = await numbers('--strength', '2');
  const base = Float32Array.from({ length: dim }, (_, i) => {
    return (latentFromSeed(5, dim, 'uniform')[i]! + latentFromSeed(6, dim, 'uniform')[i]!) / 2;
  });
  far.sum.forEach((value, i) => assert.ok(Math.abs(value - (2 * plain.sum[i]! - base[i]!)) < 1e-5));
});

// Faces with attributes that a classifier learns in seconds.
const trained = await dcgan(...smallRun('avatars', join(root, 'runs'), 200));
assert.is(trained.code, 0, trained.stderr);
const run = String(jsonLines(trained.stdout).at(-1)!['runDir']);
const quick = ['--steps', '120', '--engine', 'onnx-cpu'] as const;

test('by attribute, exemplars are chosen, trials are counted, and the run’s report shows them', async () => {
  const { code, stdout, stderr } = await dcgan(
    ...['arithmetic', run, '--attributes', 'hat - none + smile', '--trials', '10', '--sure', '0.5'],
    ...['--steady', 'none'],
    ...['--exemplars', '4', '--samples', '4000', ...quick, '--json'],
  );
  assert.is(code, 0, stderr);
  const report = jsonLines(stdout).at(-1) as unknown as {
    terms: { sign: string; seeds: number[]; attributes: string }[];
    expected: unknown;
    trials: { exemplars: number; trials: number; asExpected: number; shares: Record<string, number> }[];
    judgeQuality: Record<string, number>;
    shareWithout: number;
    link: string | null;
  };
  assert.equal(
    report.terms.map(({ sign, attributes, seeds }) => [sign, attributes, seeds.length]),
    [
      ['plus', 'hat', 4],
      ['minus', 'none', 4],
      ['plus', 'smile', 4],
    ],
  );
  assert.equal(report.expected, { hat: true, smile: true });
  assert.equal(
    report.trials.map(({ exemplars, trials }) => [exemplars, trials]),
    [
      [1, 10],
      [4, 10],
    ],
  );
  for (const { asExpected, shares } of report.trials) {
    assert.ok(asExpected >= 0 && asExpected <= Math.min(shares['hat']!, shares['smile']!));
  }
  assert.ok(report.judgeQuality['hat']! > 0.7);
  assert.ok(report.shareWithout > 0 && report.shareWithout < 1);
  assert.is(report.link, null);
  const folder = join(run, 'analysis', 'arithmetic');
  const saved = JSON.parse(readFileSync(join(folder, 'finding.json'), 'utf8')) as SavedFinding;
  assert.equal(
    saved.pictures.map(({ file }) => file),
    ['sum.png', 'sums.png'],
  );
  assert.ok(existsSync(join(folder, 'sums.png')));
  assert.is(saved.tables![0]!.rows.length, 3);
  assert.match(readFileSync(join(run, 'report.html'), 'utf8'), 'Arithmetic of latents');
});

test('--classify prints the predictions for the means and the sum', async () => {
  const { code, stdout, stderr } = await dcgan(
    ...['arithmetic', run, '--plus', '1,2,3', '--classify', ...quick],
  );
  assert.is(code, 0, stderr);
  assert.match(stdout, /^\+ mean\(1, 2, 3\): /m);
  assert.match(stdout, /^the sum: /m);
});

test('too few exemplars for a single trial are an error that says what to do', async () => {
  const { code, stderr } = await dcgan(
    ...[
      'arithmetic',
      run,
      '--attributes',
      'hat - none + smile',
      '--sure',
      '0.9999',
      '--samples',
      '100',
      ...quick,
    ],
  );
  assert.is(code, 2, stderr);
  assert.match(
    stderr,
    /^error: 0 of 1 groups of 3 exemplars of '(hat|none|smile)' among 100 pictures; give more --samples/m,
  );
});

test('Ctrl-C while a classifier learns ends with 130 and leaves nothing', async () => {
  const before = readFileSync(join(run, 'analysis', 'arithmetic', 'finding.json'), 'utf8');
  const asked = start([
    'arithmetic',
    run,
    '--attributes',
    'hat',
    '--steps',
    '100000',
    '--engine',
    'onnx-cpu',
  ]);
  await asked.printed('training a classifier');
  asked.kill('SIGINT');
  const { code, stdout } = await asked.ended;
  assert.is(code, 130);
  assert.not.match(stdout, 'mean(');
  assert.is(readFileSync(join(run, 'analysis', 'arithmetic', 'finding.json'), 'utf8'), before);
});

const places = join(root, 'refused');
mkdirSync(places);
writeFileSync(join(places, 'idx'), '');
const pictures = join(places, 'x.png');
const refused: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['nothing to add', [], /got nothing to add, expected --plus SEEDS, or --attributes/],
  ['subtracted terms only', ['--minus', '3'], /got nothing to add/],
  ['no seeds', ['--plus', 'a'], /--plus a: got 'a'/],
  ['no seeds to take away', ['--plus', '1', '--minus', ''], /--minus : got ''/],
  ['too many exemplars', ['--plus', '0-100'], /--plus 0-100: 101 images, expected 100 at most/],
  ['both ways of naming', ['--plus', '1', '--attributes', 'hat'], /got --plus or --minus as well/],
  ['trials without attributes', ['--plus', '1', '--trials', '3'], /--trials: is for --attributes/],
  ['data without a classifier', ['--plus', '1', '--data', 'x'], /--data: is for --classify/],
  ['no trials', ['--attributes', 'hat', '--trials', '0'], /--trials: got 0, expected a whole number from 1/],
  ['surer than sure', ['--attributes', 'hat', '--sure', '1'], /--sure: got 1, expected a number from 0\.5/],
  [
    'steadier than steady',
    ['--attributes', 'hat', '--steady', '2'],
    /--steady: got 2, expected a number above 0, at most 1, or none/,
  ],
  ['negative noise', ['--plus', '1', '--jitter', '-1'], /--jitter: got -1, expected a number from 0/],
  ['no strength', ['--plus', '1', '--strength', '0'], /--strength: got 0, expected a number above 0/],
  [
    'an attribute that is none',
    ['--attributes', 'hut', '--data', 'avatars'],
    /there is no attribute 'hut'; did you mean 'hat'\?/,
  ],
  ['a sum of two', ['--attributes', 'hat + glasses', '--data', 'avatars'], /adds 2 terms and takes 0 away/],
  [
    'a kind as an attribute',
    ['--attributes', 'hairColour', '--data', 'avatars'],
    /'hairColour' is not binary/,
  ],
  ['data that are not there', ['--attributes', 'hat', '--data', 'nowhere'], /nowhere/],
  [
    'another ending',
    ['--plus', '1', '--out', join(places, 'x.jpg')],
    /expected a name that ends in \.png, \.json/,
  ],
  ['too large a figure', ['--plus', '0-99', '--scale', '64'], /give fewer exemplars, or a smaller --scale/],
];
for (const [name, args, message] of refused) {
  test(`${name}: one line and exit 2`, async () => {
    const out = args.includes('--out') ? [] : ['--out', pictures];
    const { code, stdout, stderr } = await dcganInTurn('arithmetic', alone, ...args, ...out);
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
    assert.match(stderr, /^error: [^\n]*\n$/);
    assert.is(stdout, '');
    assert.equal(readdirSync(places), ['idx']);
  });
}

test.run();
