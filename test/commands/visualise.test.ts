// The command, spawned for real, on runs with random weights: pictures, figures, refusals and Ctrl-C.
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dcgan, dcganInTurn, jsonLines, smallPictures, start } from '../shared/command-line.ts';
import { makeTinyRun } from '../export/tiny-run.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { smallConfig } from '../shared/small-config.ts';

const test = suite('dcgan visualise');
const root = temporaryFolder();
const pictures = await smallPictures();
const run = await makeTinyRun(join(root, 'pictures'), { ...smallConfig, data: pictures });
const faces = await makeTinyRun(join(root, 'faces'), { ...smallConfig, data: 'avatars' });
for (const { samples } of [run, faces]) mkdirSync(samples);

interface Saved {
  readonly summary: string;
  readonly tables: readonly { readonly columns: string[]; readonly rows: (string | number)[][] }[];
  readonly pictures: readonly { readonly file: string }[];
}
const savedIn = (folder: string): Saved =>
  JSON.parse(readFileSync(join(folder, 'finding.json'), 'utf8')) as Saved;

async function sizeOf(path: string): Promise<readonly number[]> {
  const { width, height } = await sharp(path).metadata();
  return [width, height];
}

test('it leaves three sheets in the run, trained above random, and its report shows them', async () => {
  const { code, stdout, stderr } = await dcgan('visualise', run.path, '--filters', '3', '--strongest', '4');
  assert.is(code, 0, stderr);
  const folder = join(run.analysis, 'visualise');
  const { summary, tables, pictures: files } = savedIn(folder);
  assert.equal(
    files.map(({ file }) => file),
    ['discriminator-block2.png', 'kernels.png', 'generator-project.png'],
  );
  // A block-2 unit sees 10 pixels, five times enlarged; labels, two groups of four, two headings, six rows.
  const [width, height] = await sizeOf(join(folder, 'discriminator-block2.png'));
  assert.ok(width! > 2 * 4 * 52 && width! < 2 * 4 * 52 + 120, `${width}`);
  assert.ok(height! > 6 * 52 && height! < 6 * 52 + 150, `${height}`);
  assert.match(summary, /regions of 40 images of .*discriminator\/block2's filters/);
  // Pictures without labels tell nothing of attributes.
  assert.not.match(summary, 'area');
  assert.equal(tables[0]!.columns, ['filter', 'strongest responses']);
  assert.is(tables[0]!.rows.length, 3);
  assert.match(stdout, 'kernels.png');
  assert.match(readFileSync(join(run.path, 'report.html'), 'utf8'), 'What filters look at and draw');
  // The checkpoint names other data than these: that is said.
  assert.not.match(stderr, 'Error');
});

test('layers are chosen by name; with labelled data each filter is told what it answers to', async () => {
  const out = join(root, 'elsewhere');
  const { code, stdout, stderr } = await dcgan(
    ...['visualise', faces.model.replace(/model$/, ''), '--images', '300', '--filters', '2', '--json'],
    ...['--layer', 'discriminator/block1', '--layer', 'generator/block1', '--out', out],
  );
  assert.is(code, 0, stderr);
  const done = jsonLines(stdout).at(-1) as {
    event: string;
    finding: string;
    pictures: string[];
    discriminator: {
      layer: string;
      sees: number;
      trained: { meanArea: number; filters: { responses: { value: number; image: number }[] }[] };
    };
    generator: { layer: string; effects: number[] };
  };
  assert.is(jsonLines(stdout).length, 1);
  assert.equal([done.event, done.finding], ['done', out]);
  assert.ok(done.pictures.every((path) => existsSync(path)));
  const { layer, sees, trained } = done.discriminator;
  assert.equal([layer, sees], ['discriminator/block1', 4]);
  assert.ok(trained.meanArea > 0.5 && trained.meanArea <= 1);
  const [first, second] = trained.filters;
  const values = first!.responses.map(({ value }) => value);
  assert.equal(
    values,
    values.toSorted((a, b) => b - a),
  );
  assert.ok(values[0]! >= second!.responses[0]!.value || values.at(-1)! > second!.responses.at(-1)!.value);
  assert.ok(new Set(first!.responses.map(({ image }) => image)).size === 8);
  assert.equal([done.generator.layer, done.generator.effects.length], ['generator/block1', 4]);
  const [table] = savedIn(out).tables;
  assert.equal(table!.columns, [
    'filter',
    'strongest responses',
    'best attribute',
    'area',
    'have it',
    'of all',
  ]);
  assert.match(String(table!.rows[0]![4]), /^[0-8] of 8$/);
  assert.not(existsSync(faces.analysis));
});

test('the same seed finds the same; the random discriminator goes by it', async () => {
  const found = await Promise.all(
    ['5', '5', '6'].map(async (seed, i) => {
      const out = join(root, `seed-${i}`);
      const flags = ['--images', '20', '--filters', '1', '--strongest', '2', '--seed', seed, '--json'];
      const { code, stdout, stderr } = await dcgan('visualise', run.path, '--out', out, ...flags);
      assert.is(code, 0, stderr);
      const { discriminator } = jsonLines(stdout).at(-1) as Record<string, Record<string, unknown>>;
      return { random: discriminator!['random'], trained: discriminator!['trained'] };
    }),
  );
  assert.equal(found[0], found[1]);
  assert.equal(found[0]!.trained, found[2]!.trained);
  assert.is.not(JSON.stringify(found[0]!.random), JSON.stringify(found[2]!.random));
});

test('--drop counts an attribute before and without the filters that draw it, beside random ones', async () => {
  const { code, stdout, stderr } = await dcgan(
    ...['visualise', faces.path, '--drop', 'thickBrows', '--samples', '400', '--steps', '60'],
    ...['--layer', 'generator/project', '--drop-filters', '3', '--json'],
  );
  assert.is(code, 0, stderr);
  const done = jsonLines(stdout).at(-1) as {
    finding: string;
    attribute: string;
    having: number;
    width: number;
    count: number;
    filters: { filter: number; weight: number }[];
    before: Record<string, number>;
    droppings: { dropped: number; without: { counts: Record<string, number>; othersMoved: number } }[];
  };
  assert.is(done.finding, join(faces.analysis, 'drop-thickBrows'));
  assert.equal([done.attribute, done.width, done.count], ['thickBrows', 8, 512]);
  assert.ok(done.having >= 20 && done.having <= 380);
  assert.ok(done.filters.every(({ weight }) => weight > 0));
  assert.equal(
    done.droppings.map(({ dropped }) => dropped),
    [1, 2, 3].slice(0, done.droppings.length),
  );
  const last = done.droppings.at(-1)!;
  assert.ok(last.without.counts['thickBrows']! < done.before['thickBrows']!, JSON.stringify(done.droppings));
  const folder = join(faces.analysis, 'drop-thickBrows');
  assert.equal(readdirSync(folder).sort(), ['drop-thickBrows.png', 'finding.json']);
  const [width, height] = await sizeOf(join(folder, 'drop-thickBrows.png'));
  assert.ok(width! > 14 * 64 && height! > 4 * 64, `${width}x${height}`);
  const [sweep, all] = savedIn(folder).tables;
  assert.equal(sweep!.rows[0]!.slice(0, 2), [0, done.before['thickBrows']]);
  assert.ok(all!.rows.some(([name]) => name === 'glasses'));
});

test('what makes no sense is refused with one line and exit code 2, and nothing is left', async () => {
  const out = join(root, 'refused');
  const grey = join(root, 'grey');
  mkdirSync(grey);
  for (let i = 0; i < 3; i++) {
    const pixels = new Uint8Array(256).fill(60 * i);
    await sharp(pixels, { raw: { width: 16, height: 16, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toFile(join(grey, `${i}.png`));
  }
  const lost = await makeTinyRun(join(root, 'lost'), { ...smallConfig, data: '/nowhere/pictures' });
  const layers = 'discriminator/block1, discriminator/block2, generator/project, generator/block1';
  for (const [args, message] of [
    [[join(root, 'nothing')], /not a run folder/],
    [[run.path, '--checkpoint', 'step-000123'], /there is no such checkpoint .*step-000007/],
    [[run.path, '--layer', 'discriminator/block9'], new RegExp(`no such layer; there are ${layers}`)],
    [
      [run.path, '--layer', 'generator/block1', '--layer', 'generator/project'],
      /expected one layer of the generator/,
    ],
    [
      [run.path, '--layer', 'discriminator/block1', '--drop', 'hat'],
      /no such layer to drop filters of; there are generator\/project, generator\/block1/,
    ],
    [[run.path, '--images', '41'], /--images: got 41, expected at most 40, all of/],
    [[run.path, '--images', '4'], /--strongest: got 8, expected at most 4/],
    [[run.path, '--images', 'NaN'], /--images: got NaN, expected a whole number/],
    [[run.path, '--filters', '0'], /--filters: got 0, expected a whole number from 1/],
    [[run.path, '--samples', '1e9'], /--samples: got 1e9/],
    [[run.path, '--drop-filters', '3'], /--drop-filters 3: goes with --drop/],
    [[run.path, '--drop', 'hat'], /have no attributes; give --data with labelled images/],
    [[faces.path, '--drop', 'nose'], /avatars has no such attribute; expected one of glasses, hat, smile/],
    [[faces.path, '--drop', 'hairColour'], /it is categorical; expected one of glasses/],
    [[faces.path, '--drop', 'hat', '--drop-filters', '9'], /expected at most 8, all of generator\/project/],
    [[faces.path, '--drop', 'hat', '--data', pictures], /have no attributes/],
    [[run.path, '--data', grey], /the images are grey, and the run's are in colour/],
    [[run.path, '--data', '/nowhere'], /\/nowhere/],
    [[lost.path], /the run's images are not at hand .*give --data/],
    [
      [run.path, '--images', '10', '--out', join(pictures, '000.png', 'x')],
      /cannot write .*give another --out/,
    ],
  ] as const) {
    const withOut = (args as readonly string[]).includes('--out') ? args : [...args, '--out', out];
    const { code, stdout, stderr } = await dcganInTurn('visualise', ...withOut, '--json');
    assert.is(code, 2, `${args.join(' ')}: ${stderr}`);
    assert.match(stderr, message);
    const errors = stderr.split('\n').filter((line) => line.startsWith('error: '));
    assert.is(errors.length, 1, stderr);
    assert.is(stdout, '');
  }
  assert.not(existsSync(out));
});

test('Ctrl-C ends it with 130 and leaves nothing', async () => {
  const out = join(root, 'interrupted');
  const command = start(['visualise', faces.path, '--drop', 'hat', '--steps', '100000', '--out', out]);
  await command.printed('training a classifier');
  command.kill('SIGINT');
  const { code, stderr } = await command.ended;
  assert.is(code, 130, stderr);
  assert.not(existsSync(out));
});

test.run();
