// steer, directions, arithmetic and export --steering on a run whose images have a table of attributes: they use these, and no others.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseModel } from '../../runtime-web/format/parse-model.ts';
import { dcgan, dcganInTurn, jsonLines, smallRun } from '../shared/command-line.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite("a run's own attributes");
/** The fewest images that a classifier learns from. */
const count = 640;

/** Plain pictures, a table with their attributes, and one with classes only. */
async function labelledImages() {
  const folder = temporaryFolder();
  const rows = Array.from({ length: count }, (_, i) => {
    const [isBright, isRed, tone] = [i % 2 === 0, i % 3 === 0, (i * 37) % 100];
    const level = (isBright ? 150 : 20) + Math.round(tone / 2);
    return { name: `${String(i).padStart(3, '0')}.png`, isBright, isRed, tone, level };
  });
  const colourOf = ({ isRed, level }: (typeof rows)[number]) => ({
    r: level,
    g: isRed ? 0 : level,
    b: isRed ? 0 : level,
  });
  for (let first = 0; first < count; first += 64) {
    await Promise.all(
      rows.slice(first, first + 64).map((row) =>
        sharp({ create: { width: 16, height: 16, channels: 3, background: colourOf(row) } })
          .png()
          .toFile(join(folder, row.name)),
      ),
    );
  }
  const table = (header: string, cell: (row: (typeof rows)[number]) => string): string => {
    const file = join(temporaryFolder(), 'labels.csv');
    writeFileSync(file, [`file,${header}`, ...rows.map((row) => `${row.name},${cell(row)}`)].join('\n'));
    return file;
  };
  return {
    folder,
    // Nothing is learned from a number that all images have.
    attributes: table(
      'Bright,Red,tone,Plain',
      ({ isBright, isRed, tone }) => `${+isBright},${+isRed},${tone},7`,
    ),
    classes: table('colour', ({ isRed }) => (isRed ? 'red' : 'grey')),
  };
}

const { folder, attributes, classes } = await labelledImages();

/** Trains a run of 2 steps, and returns its folder. */
async function train(...flags: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await dcgan(...smallRun(folder, temporaryFolder(), 2), ...flags);
  assert.is(code, 0, stderr);
  return String(jsonLines(stdout).at(-1)!['runDir']);
}
const labelled = await train('--labels', attributes);
const plain = await train();

async function succeed(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const { code, stdout, stderr } = await dcganInTurn(...args, '--json');
  assert.is(code, 0, stderr);
  return jsonLines(stdout).at(-1)!;
}
const namesOf = (figures: unknown): string[] => Object.keys(figures as object).sort();

test('steer and directions take the attributes of the run, those that differ between images', async () => {
  const settings = ['--steps', '2', '--classifier-steps', '10', '--seeds', '0-1'];
  const steered = await succeed('steer', labelled, ...settings);
  assert.equal(namesOf(steered['quality']), ['Bright', 'Red', 'tone']);
  const found = await succeed('directions', labelled, '--steps', '10', '--refine', '0', '--samples', '1000');
  assert.equal(namesOf((found['quality'] as Record<string, object>)['measures']), ['Bright', 'Red', 'tone']);
});

test('arithmetic and export --steering take them too', async () => {
  const sum = ['arithmetic', labelled, '--plus', '1', '--classify', '--steps', '10', '--out'];
  const { judged } = await succeed(...sum, join(temporaryFolder(), 'sum.png'));
  assert.equal(namesOf((judged as Record<string, object>)['classifierQuality']), ['Bright', 'Red', 'tone']);
  const out = join(temporaryFolder(), 'model');
  await succeed('export', labelled, '--steering', '--classifier-steps', '10', '--out', out);
  const model = parseModel(JSON.parse(readFileSync(join(out, 'model.json'), 'utf8')), 'model.json');
  assert.equal(model.steering, [
    { name: 'Bright', kind: 'binary' },
    { name: 'Red', kind: 'binary' },
    { name: 'tone', kind: 'continuous' },
  ]);
});

test('a run that was trained without labels takes --labels', async () => {
  const settings = ['--steps', '2', '--classifier-steps', '10', '--seeds', '0-1', '--attribute', 'Red'];
  const steered = await succeed('steer', plain, ...settings, '--labels', attributes);
  assert.equal(namesOf(steered['quality']), ['Bright', 'Red', 'tone']);
  const out = join(temporaryFolder(), 'model');
  await succeed(
    'export',
    plain,
    '--steering',
    '--classifier-steps',
    '10',
    '--out',
    out,
    '--labels',
    attributes,
  );
});

test('what has no attributes is refused before anything is trained', async () => {
  for (const [args, message] of [
    [['steer', plain], /a classifier needs labelled images like these: give --labels with a table .*--data/],
    [['directions', plain, '--labels', classes], /needs labelled images like these: give --labels/],
    [['steer', labelled, '--attribute', 'hat'], /--attribute: got hat, expected one of Bright, Red, tone$/i],
    [['directions', plain, '--labels', '/nowhere.csv'], /nowhere\.csv/],
    [['export', plain, '--labels', attributes], /--labels .*: labels are for --steering alone/],
    [
      ['directions', plain, '--method', 'sefa', '--labels', attributes],
      /--labels.* has no effect with --method sefa/,
    ],
  ] as const) {
    const { code, stderr } = await dcganInTurn(...args);
    assert.is(code, 2, stderr);
    assert.match(stderr.trim(), message);
    assert.is(stderr.trim().split('\n').length, 1, stderr);
  }
});

test('a generator that takes attributes is refused, with what it offers instead', async () => {
  const conditional = await train('--labels', attributes, '--condition', 'attributes');
  for (const command of ['steer', 'directions']) {
    const { code, stderr } = await dcganInTurn(command, conditional);
    assert.is(code, 2, stderr);
    assert.match(stderr, /takes attributes beside z.*or choose its attributes by name with sample --where/);
  }
  const out = join(temporaryFolder(), 'one.png');
  await succeed('sample', conditional, '--seeds', '0', '--where', 'bright=1 red=no', '--out', out);
});

test.run();
