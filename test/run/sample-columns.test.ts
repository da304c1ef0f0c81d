// The columns of sample grids: a class each in new runs; grids that are there keep theirs.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { prepareSampleColumns, readSampleColumns } from '../../trainer/run/sample-columns.ts';
import { dcgan, dcganInTurn, jsonLines, labelledPictures, smallRun } from '../shared/command-line.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('columns of sample grids');
const label = { condition: 'label', sampleCount: 4 } as const;

test('each class has a column if there are images for all; other runs and earlier grids are square', async () => {
  const folder = temporaryFolder();
  assert.is(await prepareSampleColumns(folder, { ...label, condition: 'none' }, ['a', 'b']), null);
  assert.is(await prepareSampleColumns(folder, label, ['a', 'b', 'c', 'd', 'e']), null);
  assert.is(await prepareSampleColumns(folder, label, null), null);
  assert.equal(readdirSync(folder), []);
  assert.equal(await prepareSampleColumns(folder, label, ['a', 'b', 'c']), ['a', 'b', 'c']);
  assert.equal(await readSampleColumns(folder), ['a', 'b', 'c']);
  writeFileSync(join(folder, 'step-000001.png'), '');
  assert.equal(await prepareSampleColumns(folder, label, ['x', 'y']), ['a', 'b', 'c']);
  writeFileSync(join(folder, 'columns.json'), '{}');
  assert.is(await prepareSampleColumns(folder, label, ['x', 'y']), null);
});

test("a run of classes has a class a column, in the order of the report's names", async () => {
  const data = await labelledPictures(24, ['round', 'rounder', 'roundest']);
  const run = smallRun(data, temporaryFolder(), 2).map((word, i, all) =>
    all[i - 1] === '--sample-count' ? '9' : word,
  );
  const { code, stdout, stderr } = await dcgan(...run, '--condition', 'label');
  assert.is(code, 0, stderr);
  const folder = String(jsonLines(stdout).at(-1)!['runDir']);
  const trained = sharp(join(folder, 'samples', 'step-000002.png'));
  const ours = await trained.raw().toBuffer({ resolveWithObject: true });
  assert.equal([ours.info.width, ours.info.height], [48, 48]);
  const grid = join(temporaryFolder(), 'grid.png');
  assert.is((await dcganInTurn('sample', folder, '--seeds', '0-8', '--columns', '3', '--out', grid)).code, 0);
  const theirs = await sharp(grid).raw().toBuffer();
  assert.ok(ours.data.every((value, i) => Math.abs(value - theirs[i]!) <= 1));
  const report = readFileSync(join(folder, 'report.html'), 'utf8');
  assert.match(report, '"columns":3,"columnNames":["round","rounder","roundest"]');
});

test.run();
