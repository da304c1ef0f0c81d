// `dcgan features`, spawned for real, on small labelled folders and on avatars, and all its refusals.
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openTrainedRun } from '../../trainer/run/trained-run.ts';
import { saveCheckpoint } from '../../trainer/run/checkpoint.ts';
import { kindNames, labelledPictures } from '../analysis/features/labelled-pictures.ts';
import { dcgan, dcganInTurn, jsonLines, smallPictures, smallRun, start } from '../shared/command-line.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('dcgan features');
const unlabelled = await smallPictures();
const trained = await dcgan(...smallRun(unlabelled, temporaryFolder(), 8));
const run = String(jsonLines(trained.stdout).at(-1)!['runDir']);
const folder = temporaryFolder();
await labelledPictures({ bars: 40, discs: 40, posts: 40 }, { folder: join(folder, 'train'), seed: 1 });
await labelledPictures({ bars: 15, discs: 15, posts: 15 }, { folder: join(folder, 'test'), seed: 2 });

interface Said {
  readonly event: string;
  readonly accuracy: number;
  readonly trainCount: number;
  readonly testCount: number;
  readonly featureCount: number;
  readonly C: number;
  readonly classes: readonly { readonly name: string; readonly accuracy: number; readonly count: number }[];
  readonly confusion: readonly (readonly number[])[];
  readonly baselines: Readonly<Record<string, { readonly accuracy: number }>>;
  readonly curve: readonly { readonly step: number; readonly images: number; readonly accuracy: number }[];
  readonly explainedVariance?: number;
  readonly finding: string;
}

test('it ends with one JSON line: accuracy, counts, classes, confusion, baselines, and a finding in the report', async () => {
  const args = ['features', '--data', folder, '--model', run, '--centroids', '20', '--curve', '3', '--json'];
  const { code, stdout, stderr } = await dcgan(...args);
  assert.is(code, 0, stderr);
  assert.is(stdout.trim().split('\n').length, 1, stdout);
  const said = jsonLines(stdout).at(-1) as unknown as Said;
  assert.equal([said.event, said.trainCount, said.testCount, said.featureCount], ['done', 120, 45, 192]);
  // Bars, discs and posts differ so much that any features of shapes separate them.
  assert.ok(said.accuracy > 0.8, `${said.accuracy}`);
  assert.equal(
    said.classes.map(({ name, count }) => [name, count]),
    kindNames.map((name) => [name, 15]),
  );
  const right = said.confusion.reduce((sum, row, k) => sum + row[k]!, 0);
  assert.ok(Math.abs(right / 45 - said.accuracy) < 1e-12);
  assert.equal(Object.keys(said.baselines), ['pixels', 'random', 'kmeans']);
  for (const { accuracy } of Object.values(said.baselines)) assert.ok(accuracy > 1 / 3 && accuracy <= 1);
  assert.equal(
    said.curve.map(({ step }) => step),
    [4, 8],
  );
  assert.is(said.curve.at(-1)!.accuracy, said.accuracy);
  assert.is(said.finding, join(run, 'analysis', 'features'));
  for (const file of ['finding.json', 'confusion.svg', 'curve.svg']) {
    assert.ok(existsSync(join(said.finding, file)), file);
  }
  assert.match(readFileSync(join(run, 'report.html'), 'utf8'), /A linear SVM on D's layers is right about/);
});

test('a seed repeats the figures; without a test part a fraction is held out; lines report progress', async () => {
  const data = join(folder, 'train', 'bars', '..');
  const alone = await labelledPictures({ bars: 30, discs: 20 }, { seed: 5 });
  const out = temporaryFolder();
  const args = [
    'features',
    '--data',
    alone,
    '--model',
    join(run, 'model'),
    '--baselines',
    'none',
    '--out',
    out,
  ];
  const [one, two] = [await dcgan(...args, '--json'), await dcgan(...args)];
  assert.is(one.code, 0, one.stderr);
  const said = jsonLines(one.stdout).at(-1) as unknown as Said;
  assert.equal([said.trainCount, said.testCount, said.baselines, said.curve], [40, 10, {}, []]);
  assert.is(said.finding, out);
  assert.match(two.stdout, /40 to learn from, 4 of them to choose C; 10 to test on/);
  assert.match(
    two.stdout,
    new RegExp(`${(100 * said.accuracy).toFixed(2)}% {3}D's layers \\(192 features\\)`),
  );
  // The train part alone finds the test part beside it.
  const beside = await dcgan(
    ...[
      'features',
      '--data',
      data,
      '--model',
      run,
      '--baselines',
      'none',
      '--classes',
      'bars,posts',
      '--c',
      '0.01',
    ],
    ...['--out', out, '--json'],
  );
  const narrowed = jsonLines(beside.stdout).at(-1) as unknown as Said;
  assert.equal([narrowed.trainCount, narrowed.testCount, narrowed.C], [80, 30, 0.01]);
});

test('few labels of each class are trained on, and all others select C', async () => {
  const { code, stdout, stderr } = await dcgan(
    ...['features', '--data', folder, '--model', run, '--labels-per-class', '5', '--baselines', 'pixels'],
    ...['--out', temporaryFolder(), '--json'],
  );
  assert.is(code, 0, stderr);
  const said = jsonLines(stdout).at(-1) as unknown as Said & { readonly heldOutCount: number };
  assert.equal([said.trainCount, said.heldOutCount, said.testCount], [15, 105, 45]);
});

test("the generator's features: a latent for each image, and G's layers at it", async () => {
  const { code, stdout, stderr } = await dcgan(
    ...['features', '--data', folder, '--model', run, '--network', 'generator', '--encoder-steps', '60'],
    ...['--baselines', 'none', '--out', temporaryFolder(), '--json'],
  );
  assert.is(code, 0, stderr);
  const said = jsonLines(stdout).at(-1) as unknown as Said;
  assert.is(said.featureCount, 8 + 192);
  assert.ok(said.accuracy > 0.4 && Number.isFinite(said.explainedVariance), `${said.accuracy}`);
});

test('an attribute of avatars is predicted instead of a class', async () => {
  const { code, stdout, stderr } = await dcgan(
    ...[
      'features',
      '--data',
      'avatars',
      '--model',
      run,
      '--attribute',
      'hat',
      '--limit',
      '600',
      '--baselines',
      'none',
    ],
    ...['--out', temporaryFolder(), '--json'],
  );
  assert.is(code, 0, stderr);
  const said = jsonLines(stdout).at(-1) as unknown as Said;
  assert.equal(
    said.classes.map(({ name }) => name),
    ['no hat', 'hat'],
  );
  assert.ok(said.accuracy > 0.8, `${said.accuracy}`);
});

test('contradicting flags and unusable data are refused with one line, before anything long begins', async () => {
  const grey = await labelledPictures({ bars: 3, discs: 3 }, { isGrey: true });
  const oneKind = await labelledPictures({ bars: 5 });
  const tiny = await labelledPictures({ bars: 5, discs: 1 });
  const refused = [
    [['--data', unlabelled], /the images have no classes; expected a folder for each class/],
    [['--data', folder, '--classes', 'bars,zebra'], /no class 'zebra' \(it has: bars, discs, posts\)/],
    [['--data', folder, '--classes', 'bars'], /all images are of one class, 'bars'; a classifier needs two/],
    [['--data', oneKind], /the images have no classes|one class/],
    [['--data', tiny], /class 'discs' has 1 image, expected at least 1 to learn from and 1 to choose C by/],
    [
      ['--data', folder, '--labels-per-class', '40'],
      /class 'bars' has 40 images, expected at least 40 to learn/,
    ],
    [['--data', folder, '--attribute', 'hat'], /--attribute hat: the images of \S+ have no attributes/],
    [['--data', 'avatars'], /the images have no classes; give --attribute with one of /],
    [['--data', 'avatars', '--attribute', 'hut'], /no such attribute; did you mean 'hat'\?/],
    [['--data', 'avatars', '--attribute', 'yaw'], /--attribute yaw: it is a number from -?\d/],
    [['--data', grey], /the images are grey, and the model is for colour images/],
    [['--data', '/nowhere'], /data \/nowhere: no such file or folder/],
    [['--data', folder, '--test-data', grey], /grey/],
    [
      ['--data', folder, '--test-data', tiny],
      /--test-data: \S+ has the classes bars, discs, and \S+ has bars, discs, posts/,
    ],
    [['--data', folder, '--memory', '0.00001'], /D's layers: 120 images of 192 features take 0.00 GiB/],
    [['--data', folder, '--baselines', 'pixel'], /--baselines: got 'pixel'; did you mean 'pixels'\?/],
    [['--data', folder, '--c', '0'], /--c: got 0, expected a number above 0/],
    [
      ['--data', folder, '--curve', '2', '--network', 'generator'],
      /--curve and --network generator contradict/,
    ],
    [['--data', folder, '--checkpoint', 'step-000777'], /there is no such checkpoint/],
    [['--data', folder, '--network', 'both'], /'both' is invalid/],
  ] as const;
  const check = async ([args, message]: (typeof refused)[number]): Promise<void> => {
    const { code, stdout, stderr } = await dcganInTurn('features', '--model', run, '--json', ...args);
    assert.is(code, 2, `${args.join(' ')}: ${stderr}`);
    assert.match(stderr, message);
    assert.is(stderr.trim().split('\n').length, 1, stderr);
    assert.is(stdout, '');
  };
  for (const each of refused) await check(each);
  const nowhere = await dcganInTurn('features', '--data', folder, '--model', '/nowhere');
  assert.is(nowhere.code, 2);
  assert.match(nowhere.stderr, /\/nowhere: not a run folder/);
});

test('Ctrl-C ends it with 130 and leaves no finding', async () => {
  const out = join(temporaryFolder(), 'out');
  const running = start(
    [
      'features',
      '--data',
      'avatars',
      '--model',
      run,
      '--attribute',
      'hat',
      '--centroids',
      '800',
      '--out',
      out,
    ],
    {},
  );
  await running.printed("D's layers");
  running.kill('SIGINT');
  const { code, stderr } = await running.ended;
  assert.is(code, 130, stderr);
  assert.not.ok(existsSync(out));
});

test('weights so large that features overflow are refused, with the image', async () => {
  const opened = await openTrainedRun(run);
  const name = 'discriminator/block1/kernel';
  const kernel = opened.checkpoint.state[name]!;
  const state = {
    ...opened.checkpoint.state,
    [name]: { ...kernel, data: new Float32Array(kernel.data.length).fill(3e38) },
  };
  const path = await saveCheckpoint(
    opened.folder.checkpoints,
    state,
    { ...opened.checkpoint.metadata, step: 999 },
    9,
  );
  const args = ['features', '--data', folder, '--model', run, '--baselines', 'none', '--json'];
  const { code, stderr } = await dcgan(...args);
  renameSync(path, `${path}.away`);
  assert.is(code, 2, stderr);
  assert.match(
    stderr,
    /D's layers: image \d+ of \S+ gives a feature that is not a number; .* earlier --checkpoint/,
  );
});

test.run();
