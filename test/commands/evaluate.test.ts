// `dcgan evaluate`, spawned: its figures are those of the metrics' own functions, each result has its protocol, and sets that cannot
// be compared are refused before an image is read.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseModel } from '../../runtime-web/format/parse-model.ts';
import type { Finding } from '../../trainer/findings/findings.ts';
import { frechetDistance } from '../../trainer/metrics/frechet.ts';
import { openProducts } from '../../trainer/metrics/products.ts';
import { MomentSums } from '../../trainer/metrics/moments.ts';
import { dcgan, dcganInTurn, jsonLines, smallPictures, smallRun } from '../shared/command-line.ts';
import { writeTinyNetwork } from '../metrics/tiny-network.ts';
import { conditionPackage, numbersOfColour } from '../shared/condition-package.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('dcgan evaluate');
const products = await openProducts(1);
test.after(() => products.dispose());
const network = writeTinyNetwork(temporaryFolder());
const pictures = await smallPictures(40);
const trained = await dcgan(...smallRun(pictures, temporaryFolder(), 4));
const run = String(jsonLines(trained.stdout).at(-1)!['runDir']);

/** Plain pictures of 8x8, one colour each, so that the tiny network's features are those colours. */
async function plainPictures(colours: readonly (readonly [number, number, number])[]): Promise<string> {
  const folder = temporaryFolder();
  for (const [i, [r, g, b]] of colours.entries()) {
    await sharp({ create: { width: 8, height: 8, channels: 3, background: { r, g, b } } })
      .png()
      .toFile(join(folder, `${String(i).padStart(3, '0')}.png`));
  }
  return folder;
}
const colours = (seed: number): readonly (readonly [number, number, number])[] =>
  Array.from({ length: 12 }, (_, i) => [
    (seed * 31 + i * i * 7) % 256,
    (seed * 17 + i * 53) % 256,
    (seed * 5 + i * 91) % 256,
  ]);

/** A folder for each class, of plain pictures. */
async function plainClasses(
  classes: Readonly<Record<string, readonly (readonly [number, number, number])[]>>,
): Promise<string> {
  const folder = temporaryFolder();
  for (const [name, list] of Object.entries(classes)) {
    renameSync(await plainPictures(list), join(folder, name));
  }
  return folder;
}

test('--per-class has the distance of each class with enough images, and says why others have none', async () => {
  const a = await plainClasses({ dog: colours(1), cat: colours(2), cow: colours(3).slice(0, 3) });
  const b = await plainClasses({ cat: colours(4), cow: colours(5), dog: colours(6), emu: colours(7) });
  const evaluate = ['evaluate', a, b, '--network', network, '--per-class', '--out', temporaryFolder()];
  const { code, stdout, stderr } = await dcganInTurn(...evaluate, '--json');
  assert.is(code, 0, stderr);
  type Found = {
    frechet: number;
    perClass: { classes: Record<string, { frechet: number | null; countA: number; countB: number }> };
  };
  const { frechet, perClass } = jsonLines(stdout).at(-1)! as unknown as Found;
  assert.type(frechet, 'number');
  const moments = async (seed: number) => {
    const sums = new MomentSums(products, 3);
    await sums.add(Float32Array.from(colours(seed).flat(), (value) => value / 127.5 - 1));
    return await sums.finish();
  };
  assert.equal(Object.keys(perClass.classes).sort(), ['cat', 'cow', 'dog']);
  for (const [name, seedA, seedB] of [
    ['cat', 2, 4],
    ['dog', 1, 6],
  ] as const) {
    const { frechet: found, ...counts } = perClass.classes[name]!;
    const expected = await frechetDistance(products, await moments(seedA), await moments(seedB));
    assert.ok(Math.abs(found! - expected) < 1e-5, name);
    assert.equal(counts, { countA: 12, countB: 12 });
  }
  assert.equal(perClass.classes['cow'], { frechet: null, countA: 3, countB: 12 });
  const text = await dcganInTurn(...evaluate);
  assert.match(text.stdout, /Fréchet distance, cat {2,}\d/);
  assert.match(
    text.stdout,
    /Fréchet distance, cow {2,}not measured: 3 and 12 images, expected at least 4 of each/,
  );
  const plain = [
    'evaluate',
    a,
    await plainPictures(colours(1)),
    '--network',
    network,
    '--per-class',
    '--json',
  ];
  const without = await dcganInTurn(...plain);
  assert.is(without.code, 0, without.stderr);
  const { perClass: none, reasons } = jsonLines(without.stdout).at(-1)! as Record<string, unknown>;
  assert.is(none, null);
  assert.match(
    (reasons as Record<string, string>)['perClass']!,
    /has no classes; give images in a folder for each/,
  );
});

test("a model of numbers is measured with the numbers of the data's images", async () => {
  // Red shows the age and green the turn in the model's images; so do the data's, and other pictures come in another order.
  const data = await plainPictures(Array.from({ length: 30 }, (_, i) => [(i * 8.5) | 0, 255 - i * 3, 100]));
  const rows = Array.from(
    { length: 30 },
    (_, i) => `${String(i).padStart(3, '0')}.png,${(i * 8.5) / 2.55},${i - 20}`,
  );
  const labels = join(temporaryFolder(), 'labels.csv');
  writeFileSync(labels, ['file,age,turn', ...rows].join('\n'));
  const model = conditionPackage(numbersOfColour);
  const evaluate = ['evaluate', model, data, '--network', network, '--json', '--count', '30'];
  const { code, stdout, stderr } = await dcganInTurn(...evaluate, '--labels', labels);
  assert.is(code, 0, stderr);
  const { protocol } = jsonLines(stdout).at(-1)! as { protocol: Record<string, unknown> };
  assert.is(protocol['numbersOfA'], "as in the data's images");
  const without = await dcganInTurn(...evaluate);
  assert.is(without.code, 0, without.stderr);
  const other = jsonLines(without.stdout).at(-1)! as { protocol: Record<string, unknown> };
  assert.is(other.protocol['numbersOfA'], 'of the examples in turn');
});

test('the figures of two folders are those of their features, with the protocol beside them', async () => {
  const [a, b] = [await plainPictures(colours(1)), await plainPictures(colours(9))];
  const out = temporaryFolder();
  const { code, stdout, stderr } = await dcgan(
    'evaluate',
    a,
    b,
    '--network',
    network,
    '--json',
    '--out',
    out,
  );
  assert.is(code, 0, stderr);
  const found = JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, unknown>;
  const moments = async (seed: number) => {
    const sums = new MomentSums(products, 3);
    await sums.add(Float32Array.from(colours(seed).flat(), (value) => value / 127.5 - 1));
    return await sums.finish();
  };
  const expected = await frechetDistance(products, await moments(1), await moments(9));
  assert.ok(
    Math.abs((found['frechet'] as number) - expected) < 1e-5,
    `${String(found['frechet'])}, ${expected}`,
  );
  assert.is(found['network'], 'tiny');
  assert.equal([found['countA'], found['countB']], [12, 12]);
  for (const name of ['kid', 'kidStandardError', 'precision', 'recall', 'classScore']) {
    assert.type(found[name], 'number', name);
  }
  const protocol = found['protocol'] as Record<string, unknown>;
  assert.match(String(protocol['preprocessing']), /bytes, cubic to 8x8, grey: repeat, range -1 to 1/);
  assert.match(String(protocol['networkSha256']), /^[0-9a-f]{64}$/);
  const finding = JSON.parse(readFileSync(join(out, 'finding.json'), 'utf8')) as {
    data: { frechet: number };
  };
  assert.is(finding.data.frechet, found['frechet']);
  // The reference comes from the cache the second time, and is the same.
  const again = await dcgan('evaluate', a, b, '--network', network, '--json', '--out', out);
  assert.is(again.stdout, stdout);
});

test('a run is compared with its own data; its report and, with --write, its model keep the figures', async () => {
  const flags = [
    '--network',
    network,
    '--count',
    '30',
    '--diversity',
    '--path-length',
    '--neighbours',
    '3',
    '--write',
  ];
  const { code, stdout, stderr } = await dcgan('evaluate', run, ...flags, '--json');
  assert.is(code, 0, stderr);
  const found = jsonLines(stdout).at(-1)! as {
    frechet: number;
    countA: number;
    diversity: { pairs: number };
  };
  assert.is(found.countA, 30);
  assert.is(found.diversity.pairs, 15);
  const model = join(run, 'model', 'model.json');
  const { metrics } = parseModel(JSON.parse(readFileSync(model, 'utf8')), model);
  assert.equal(
    metrics.map(({ name }) => name),
    ['frechet', 'kid', 'precision', 'recall'],
  );
  assert.is(metrics[0]!.value, found.frechet);
  assert.match(readFileSync(join(run, 'report.html'), 'utf8'), 'Distance from real images');
  const { width, height } = await sharp(join(run, 'analysis', 'evaluate', 'neighbours.png')).metadata();
  assert.equal([width, height], [5 * 16, 3 * 16]);
  const stored = () => parseModel(JSON.parse(readFileSync(model, 'utf8')), model).metrics;
  await dcgan('evaluate', run, ...flags);
  assert.is(stored().length, 4);

  // Another protocol replaces neither the stored figures nor the finding.
  const other = await dcgan('evaluate', run, '--network', network, '--count', '20', '--write', '--json');
  assert.is(jsonLines(other.stdout).at(-1)!['folder'], join(run, 'analysis', 'evaluate-2'));
  assert.equal(
    stored().map(({ protocol }) => protocol['countA']),
    [30, 30, 30, 30, 20, 20, 20, 20],
  );
  const kept = JSON.parse(readFileSync(join(run, 'analysis', 'evaluate', 'finding.json'), 'utf8')) as Finding;
  assert.is(kept.data['countA'], 30);
  assert.is(kept.step, 4);
});

test('data compared with themselves are split into disjoint halves', async () => {
  const { code, stdout, stderr } = await dcgan(
    'evaluate',
    pictures,
    pictures,
    '--network',
    network,
    '--json',
  );
  assert.is(code, 0, stderr);
  const found = jsonLines(stdout).at(-1)! as {
    countA: number;
    countB: number;
    protocol: Record<string, unknown>;
  };
  assert.equal([found.countA, found.countB, found.protocol['halvesOfOneSet']], [20, 20, true]);
});

test('a copy of a folder under other names is recognised, and so are single copies', async () => {
  const [original, copy, part] = [await plainPictures(colours(1)), temporaryFolder(), temporaryFolder()];
  for (const [i, name] of readdirSync(original).entries()) {
    copyFileSync(join(original, name), join(copy, `other-${99 - i}.png`));
  }
  for (const name of readdirSync(original).slice(0, 8)) copyFileSync(join(original, name), join(part, name));
  const whole = await dcgan('evaluate', original, copy, '--network', network);
  assert.match(
    whole.stdout,
    /A and B are the same images, whatever their names: .*kernel distance is negative/,
  );
  const some = await dcgan('evaluate', original, part, '--network', network);
  assert.match(some.stdout, /8 of the 12 images of A are in B too/);
  const json = await dcgan('evaluate', original, part, '--network', network, '--json');
  const { protocol } = jsonLines(json.stdout).at(-1)! as { protocol: Record<string, unknown> };
  assert.is(protocol['sharedImages'], 8);
  const other = await dcgan('evaluate', original, await plainPictures(colours(9)), '--network', network);
  assert.not.match(other.stdout, /are in B too|the same images/);
});

test('pairs go by name, and an image without a partner is refused', async () => {
  const [original, shuffled] = [await plainPictures(colours(1)), temporaryFolder()];
  // The same pictures in another format.
  for (const name of readdirSync(original)) {
    await sharp(join(original, name))
      .webp({ lossless: true })
      .toFile(join(shuffled, name.replace('png', 'webp')));
  }
  const pairs = (b: string) => dcgan('evaluate', original, b, '--network', network, '--pairs', '--json');
  const same = await pairs(shuffled);
  assert.is(same.code, 0, same.stderr);
  const found = jsonLines(same.stdout).at(-1)! as { pairs: { mean: number; pairs: number } };
  assert.is(found.pairs.mean, 0);
  assert.is(found.pairs.pairs, 12);
  renameSync(join(shuffled, '003.webp'), join(shuffled, '012.webp'));
  const shifted = await pairs(shuffled);
  assert.is(shifted.code, 2);
  // The refusal comes before a network is loaded.
  const early = await dcgan('evaluate', original, shuffled, '--network', '/nowhere.onnx', '--pairs');
  assert.match(early.stderr, /^error: --pairs: 1 of the 12 images of .* have no partner/m);
  const withModel = await dcgan('evaluate', run, pictures, '--network', '/nowhere.onnx', '--pairs');
  assert.match(withModel.stderr, /^error: --pairs: .* is a model, whose images have no names/m);
  assert.match(shifted.stderr, /1 of the 12 images of .* have no partner in .*: 003; pairs go by name/);
  renameSync(join(shuffled, '012.webp'), join(shuffled, '003.webp'));
  writeFileSync(join(shuffled, '005.webp'), 'broken');
  const broken = await pairs(shuffled);
  assert.is(broken.code, 2);
  assert.match(broken.stderr, /005\.webp of .* cannot be read/);
  const ofRun = await dcgan('evaluate', run, pictures, '--network', network, '--pairs', '--count', '20');
  assert.is(ofRun.code, 2);
  assert.match(ofRun.stderr, /is a model, whose images have no names/);
});

test('few images are measured by what needs no covariance; the rest is null with a reason', async () => {
  const [two, three] = [
    await plainPictures(colours(1).slice(0, 2)),
    await plainPictures(colours(9).slice(0, 3)),
  ];
  const flags = ['--network', network, '--json'];
  const { code, stdout, stderr } = await dcgan(
    'evaluate',
    two,
    three,
    ...flags,
    '--diversity',
    '--neighbours',
    '1',
  );
  assert.is(code, 0, stderr);
  const found = jsonLines(stdout).at(-1)! as Record<string, unknown> & { reasons: Record<string, string> };
  assert.type(found['kid'], 'number');
  assert.type(found['nearestRatio'], 'number');
  assert.is((found['diversity'] as { pairs: number }).pairs, 1);
  for (const name of ['frechet', 'kidStandardError', 'precision', 'recall', 'classScore']) {
    assert.is(found[name], null, name);
  }
  assert.match(
    found.reasons['frechet']!,
    /2 images, and tiny gives 3 features: .* give at least 4, by --count/,
  );
  assert.match(found.reasons['precision']!, /2 images; give at least 4 of each set/);
  assert.match(found.reasons['classScore']!, /2 images; give at least 10/);
  const four = await dcgan(
    'evaluate',
    pictures,
    await plainPictures(colours(9).slice(0, 4)),
    ...flags,
    '--count',
    '4',
  );
  const ofFour = jsonLines(four.stdout).at(-1)!;
  assert.type(ofFour['precision'], 'number');
  assert.type(ofFour['frechet'], 'number');
  const embedded = await dcgan('evaluate', pictures, pictures);
  assert.is(embedded.code, 0, embedded.stderr);
  assert.match(
    embedded.stdout,
    /Fréchet distance.* not measured: 20 images, and dcgan-features 1 gives 272 features/,
  );
});

test("a conditional model's samples take the classes' shares of the data, in training too", async () => {
  const data = temporaryFolder();
  for (const [i, name] of readdirSync(pictures).entries()) {
    const folder = join(data, i < 30 ? 'many' : 'few');
    mkdirSync(folder, { recursive: true });
    copyFileSync(join(pictures, name), join(folder, name));
  }
  const evaluation = ['--evaluate-every', '2', '--evaluate-count', '40', '--evaluate-network', network];
  const conditional = await dcgan(
    ...smallRun(data, temporaryFolder(), 2),
    ...['--condition', 'label'],
    ...evaluation,
  );
  assert.is(conditional.code, 0, conditional.stderr);
  const inTraining = jsonLines(conditional.stdout).find(({ event }) => event === 'report')!;
  const folder = String(jsonLines(conditional.stdout).at(-1)!['runDir']);
  const { code, stdout, stderr } = await dcgan(
    ...['evaluate', folder, '--network', network, '--count', '40', '--json'],
  );
  assert.is(code, 0, stderr);
  const found = jsonLines(stdout).at(-1)! as { frechet: number; protocol: Record<string, unknown> };
  assert.is(found.protocol['classesOfA'], 'few 25%, many 75%');
  const inTurn = Math.abs((inTraining['frechet'] as number) / found.frechet - 1);
  assert.ok(inTurn < 0.01, `${String(inTraining['frechet'])} in training, ${found.frechet} by the command`);
});

test('a model of codes draws them at random, in training too, and the protocol says so', async () => {
  const coded = await dcgan(
    ...smallRun(pictures, temporaryFolder(), 2),
    ...['--condition', 'info', '--codes', 'categorical:3,continuous:1'],
    ...['--evaluate-every', '2', '--evaluate-count', '20', '--evaluate-network', network],
  );
  assert.is(coded.code, 0, coded.stderr);
  const inTraining = jsonLines(coded.stdout).find(({ event }) => event === 'report')!;
  const folder = String(jsonLines(coded.stdout).at(-1)!['runDir']);
  const { code, stdout, stderr } = await dcgan(
    ...['evaluate', folder, '--network', network, '--count', '20', '--path-length', '--json'],
  );
  assert.is(code, 0, stderr);
  const found = jsonLines(stdout).at(-1)! as { frechet: number; protocol: Record<string, unknown> };
  assert.is(found.protocol['codesOfA'], 'at random by seed');
  const ratio = (inTraining['frechet'] as number) / found.frechet;
  assert.ok(Math.abs(ratio - 1) < 0.01, `${String(inTraining['frechet'])} in training, ${found.frechet}`);
});

test('without --json it prints a table that names both sets', async () => {
  const { stdout } = await dcgan('evaluate', pictures, run, '--network', network, '--count', '20');
  assert.match(stdout, /\(20 images\) by .* \(20 images\)/);
  assert.match(stdout, /Fréchet distance +\d/);
  assert.match(stdout, /kernel distance \(KID\) +-?\d.* \(tiny\)\n/);
  // By the embedded network, each figure bears its name.
  const other = await dcgan('evaluate', 'avatars', '--count', '280', '--image-size', '16', 'avatars');
  assert.is(other.code, 0, other.stderr);
  assert.match(other.stdout, /Fréchet distance +\d\S* {2}\(dcgan-features 1, no FID\)\n/);
  assert.match(other.stdout, /kernel distance \(KID\) .*\(dcgan-features 1\)\n/);
  assert.match(other.stdout, /precision .*\(dcgan-features 1\)\n/);
});

test('training evaluates itself, and repeats the same figures', async () => {
  const lines = async (): Promise<(number | null)[]> => {
    const args = smallRun(pictures, temporaryFolder(), 4);
    const ended = await dcgan(
      ...args,
      ...['--evaluate-every', '2', '--evaluate-count', '40', '--evaluate-network', network],
    );
    assert.is(ended.code, 0, ended.stderr);
    return jsonLines(ended.stdout)
      .filter(({ event }) => event === 'report')
      .map((line) => line['frechet'] as number | null);
  };
  const first = await lines();
  assert.is(first.length, 2);
  assert.ok(first.every((value) => typeof value === 'number' && value > 0));
  assert.equal(await lines(), first);
});

test('sets that cannot be compared are refused in one line, before the work', async () => {
  const grey = temporaryFolder();
  for (const name of ['a.png', 'b.png', 'c.png', 'd.png', 'e.png']) {
    await sharp({ create: { width: 8, height: 8, channels: 3, background: '#777' } })
      .toColourspace('b-w')
      .png()
      .toFile(join(grey, name));
  }
  const same = await plainPictures(Array.from({ length: 6 }, () => [10, 20, 30] as const));
  const empty = join(temporaryFolder(), 'empty');
  mkdirSync(empty);
  const weights = join(temporaryFolder(), 'weights.json');
  writeFileSync(weights, '[[1, 2], [3]]');
  const tiny = ['--network', network];
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [
      [
        await plainPictures([
          [1, 2, 3],
          [4, 5, 6],
        ]),
        await plainPictures([[1, 2, 3]]),
        ...tiny,
      ],
      /1 image; expected at least 2/,
    ],
    [[pictures, '/nowhere', ...tiny], /\/nowhere: no such file or folder/],
    [[pictures], /is no run, so there is no training data to compare with; give a second path/],
    [[pictures, empty, ...tiny], /empty/],
    [[grey, pictures, ...tiny], /is grey and .* has colour/],
    [[same, pictures, ...tiny], /every image has the same features/],
    [[pictures, pictures, '--network', '/nowhere.onnx'], /--network \/nowhere\.onnx: there is no such file/],
    [[pictures, pictures, ...tiny, '--count', '1'], /--count: got 1, expected a whole number from 2/],
    [[pictures, run, ...tiny, '--path-length'], /--path-length: .* is no model/],
    [
      [run, pictures, ...tiny, '--diversity', '--layer-weights', weights],
      /got 2 lists, expected one for each of the network's 1 layers/,
    ],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await dcganInTurn('evaluate', ...args);
    assert.is(code, 2, `${args.join(' ')}: ${stderr}`);
    assert.match(stderr, message);
    assert.is(stderr.trim().split('\n').length, 1, stderr);
  }
  const { code, stderr } = await dcganInTurn(
    ...smallRun(pictures, temporaryFolder(), 2),
    ...['--evaluate-every', '1'],
  );
  assert.is(code, 2);
  assert.match(stderr, /40 images, and dcgan-features 1 gives 272 features/);
});

test.run();
