// `dcgan directions --method sefa|ganspace`, spawned for real: directions written, directions kept, and refusals.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Direction, type Model } from '../../runtime-web/format/model.ts';
import { parseModel } from '../../runtime-web/format/parse-model.ts';
import { mergeDirections } from '../../trainer/analysis/directions/save.ts';
import { dcgan, dcganInTurn, jsonLines } from '../shared/command-line.ts';
import { makeTinyRun } from '../export/tiny-run.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { smallConfig } from '../shared/small-config.ts';

const test = suite('principal directions of a package');
const root = temporaryFolder();
const run = await makeTinyRun(root, { ...smallConfig, latentDistribution: 'normal', head: 'dense' });
mkdirSync(run.samples);
const exported = await dcgan('export', run.path);
assert.is(exported.code, 0, exported.stderr);
const size = smallConfig.imageSize;
const dim = smallConfig.latent;

const readTable = (folder: string): Model => {
  const file = join(folder, 'model.json');
  return parseModel(JSON.parse(readFileSync(file, 'utf8')), file);
};
const namesIn = (folder: string): string[] => readTable(folder).directions.map(({ name }) => name);
const named = (name: string): Direction => ({ name, vector: new Array<number>(dim).fill(0.1), figures: {} });
/** A copy of the model outside any run, which already has directions. */
async function copy(name: string, has: readonly string[]): Promise<string> {
  const folder = join(root, name);
  await cp(run.model, folder, { recursive: true });
  const table = { ...readTable(folder), directions: has.map(named) };
  writeFileSync(join(folder, 'model.json'), JSON.stringify(table));
  return folder;
}
const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);

test('eigenvectors are added to the existing directions, each two standard deviations long, orthogonal to each other', async () => {
  const folder = await copy('sefa', ['hat', 'principal 7']);
  const { code, stdout, stderr } = await dcgan(
    ...['directions', folder, '--method', 'sefa', '--count', '3', '--json'],
  );
  assert.is(code, 0, stderr);
  assert.is(stderr, '');
  const report = jsonLines(stdout).at(-1)!;
  assert.equal(
    [report['event'], report['method'], report['stayed'], report['finding']],
    ['done', 'sefa', ['hat'], null],
  );
  assert.equal(namesIn(folder), ['hat', 'principal 1', 'principal 2', 'principal 3']);
  const found = readTable(folder).directions.slice(1);
  const shares = found.map(({ figures }) => figures['eigenvalueShare']!);
  assert.equal(
    shares,
    [...shares].sort((a, b) => b - a),
  );
  assert.ok(shares.every((share) => share > 0 && share < 1));
  for (const [i, { vector }] of found.entries()) {
    for (const [j, other] of found.entries()) {
      assert.ok(Math.abs(dot(vector, other.vector) - (i === j ? 4 : 0)) < 1e-4, `${i}, ${j}`);
    }
  }
});

test('in a run the strips are in the report, and a second call gives the same', async () => {
  const args = ['directions', run.path, '--method', 'ganspace', '--count', '2', '--samples', '1000'];
  const { code, stdout, stderr } = await dcgan(...args);
  assert.is(code, 0, stderr);
  assert.match(stdout, /principal 1 +varianceShare 0\.\d+ +latentFit 0\.\d+/);
  assert.match(stdout, '2 directions written to');
  const folder = join(run.path, 'analysis', 'directions');
  assert.equal(readdirSync(folder).sort(), ['finding.json', 'principal-1.png', 'principal-2.png']);
  const { width, height } = await sharp(join(folder, 'principal-1.png')).metadata();
  const scale = 64 / size;
  assert.equal([width, height], [7 * size * scale, 4 * size * scale]);
  const page = readFileSync(join(run.path, 'report.html'), 'utf8');
  assert.match(page, 'principal 1, from −3σ to 3σ: varianceShare');
  const first = readTable(run.model).directions;
  assert.ok(first.every(({ vector }) => Math.abs(dot(vector, vector) - 4) < 1e-4));
  await dcgan(...args);
  assert.equal(readTable(run.model).directions, first);
  // Without the ReLU they would be the eigenvectors; with it the first still leans to them.
  const other = await copy('both', []);
  await dcgan('directions', other, '--method', 'sefa', '--count', '8');
  const best = Math.max(
    ...readTable(other).directions.map(({ vector }) => Math.abs(dot(vector, first[0]!.vector)) / 4),
  );
  assert.ok(best > 0.5, `cosine ${best}`);
});

test('the middle of a strip is the unchanged image', async () => {
  const folder = await copy('strips', []);
  const out = join(root, 'strips-out');
  const { code, stderr } = await dcgan(
    ...['directions', folder, '--method', 'sefa', '--count', '1', '--out', out],
  );
  assert.is(code, 0, stderr);
  const grid = join(root, 'sample.png');
  await dcgan('sample', folder, '--seeds', '0', '--out', grid, '--scale', '4');
  const cut = (path: string, left: number): Promise<Buffer> =>
    sharp(path)
      .extract({ left, top: 0, width: 4 * size, height: 4 * size })
      .raw()
      .toBuffer();
  const [middle, alone] = [await cut(join(out, 'principal-1.png'), 3 * 4 * size), await cut(grid, 0)];
  assert.equal(middle, alone);
  assert.not.equal(await cut(join(out, 'principal-1.png'), 0), alone);
});

test('--replace removes all earlier directions; names are unique', async () => {
  const folder = await copy('replace', ['hat', 'principal 2']);
  await dcgan('directions', folder, '--method', 'sefa', '--count', '1', '--replace');
  assert.equal(namesIn(folder), ['principal 1']);
  const merge = (before: string[], found: string[], arePrincipal: boolean, isReplacing = false): string[] =>
    mergeDirections(before.map(named), found.map(named), { arePrincipal, isReplacing }).map(
      ({ name }) => name,
    );
  assert.equal(merge(['hat', 'principal 1'], ['beard'], false), ['beard', 'principal 1']);
  assert.equal(merge(['hat', 'principal 1'], ['hat', 'beard'], false, true), ['hat', 'beard']);
  assert.equal(merge(['principal 1'], ['principal 1'], false), ['principal 1']);
});

test('bad input is one line and exit 2, and the model stays as it was', async () => {
  const folder = await copy('refused', ['hat']);
  const before = readFileSync(join(folder, 'model.json'), 'utf8');
  const foreign = await copy('foreign', []);
  const half = { ...readTable(foreign).files.generatorFp16! };
  writeFileSync(
    join(foreign, 'model.json'),
    JSON.stringify({ ...readTable(foreign), files: { generator: half } }),
  );
  const file = join(root, 'file');
  writeFileSync(file, '');
  for (const [args, message] of [
    [[folder, '--method', 'pca'], /Allowed choices are attributes, sefa, ganspace/],
    [[folder, '--method', 'sefa', '--count', '0'], /--count: got 0, expected a whole number from 1/],
    [[folder, '--method', 'sefa', '--count', '9'], /--count: got 9, expected 8 at most/],
    [
      [folder, '--method', 'ganspace', '--samples', '10'],
      /--samples: got 10, expected a whole number from 1000/,
    ],
    [
      [folder, '--method', 'sefa', '--samples', '2000'],
      /--samples: has no effect with --method sefa; it is for attributes, ganspace/,
    ],
    [[folder, '--method', 'ganspace', '--data', 'avatars'], /--data: has no effect with --method ganspace/],
    [[folder, '--count', '3'], /--count: has no effect with --method attributes; it is for sefa, ganspace/],
    [
      [foreign, '--method', 'sefa'],
      /generator\.fp16\.onnx: its first layer cannot be analysed: z goes into operator \w+, expected/,
    ],
    [[folder, '--method', 'sefa', '--out', file], /--out .*file: is a file, expected a folder/],
    [['nowhere', '--method', 'sefa'], /there is no such model package/],
  ] as const) {
    const { code, stdout, stderr } = await dcganInTurn('directions', ...args);
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
    assert.match(stderr, /^error: [^\n]*\n$/);
    assert.is(stdout, '');
  }
  assert.is(readFileSync(join(folder, 'model.json'), 'utf8'), before);
});

test.run();
