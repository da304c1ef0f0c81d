// `dcgan stats`, spawned: the table has the values of stats.jsonl, and files of others are never replaced.
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { statsTable } from '../../trainer/run/stats-table.ts';
import { dcgan, dcganInTurn, jsonLines, smallPictures, smallRun } from '../shared/command-line.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { healthyLine } from '../run/healthy-line.ts';

const test = suite('dcgan stats');
const trained = await dcgan(...smallRun(await smallPictures(), temporaryFolder(), 4));
const run = String(jsonLines(trained.stdout).at(-1)!['runDir']);

test('the table on stdout and in a file has the figures of each report', async () => {
  const { code, stdout, stderr } = await dcganInTurn('stats', run);
  assert.is(code, 0, stderr);
  const [header = '', ...rows] = stdout.trimEnd().split('\n');
  const lines = jsonLines(readFileSync(join(run, 'stats.jsonl'), 'utf8'));
  assert.equal(
    rows.map((row) => Object.fromEntries(row.split(',').map((cell, i) => [header.split(',')[i], cell]))),
    lines.map((line) =>
      Object.fromEntries(header.split(',').map((key) => [key, line[key] === null ? '' : String(line[key])])),
    ),
  );
  const out = join(temporaryFolder(), 'losses.csv');
  for (let time = 0; time < 2; time++) {
    assert.is((await dcganInTurn('stats', run, '--out', out)).code, 0);
    assert.is(readFileSync(out, 'utf8').replaceAll('\r\n', '\n'), stdout);
  }
});

test('text with commas and quotes is quoted as RFC 4180 says', () => {
  const [, row] = statsTable([{ ...healthyLine(50), network: 'a, "b"', collapse: null }]);
  assert.match(row!, /,"a, ""b""",$/);
});

test('other files and folders, and runs without statistics, are refused in one line', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'mine.csv'), 'name,age\n');
  const empty = temporaryFolder();
  writeFileSync(join(empty, 'config.json'), '{}');
  appendFileSync(join(empty, 'stats.jsonl'), '');
  for (const [args, message] of [
    [[run, '--out', join(folder, 'mine.csv')], /is there already, and is no table of statistics/],
    [[run, '--out', join(folder, 'losses.txt')], /expected a name that ends in \.csv/],
    [[run, '--out', join(folder, 'nowhere', 'a.csv')], /a\.csv.*nothing has been written|no such file/i],
    [[folder], /not a run folder/],
    [[empty], /has no statistics yet; the first come after --report-every steps/],
  ] as const) {
    const { code, stderr } = await dcganInTurn('stats', ...args);
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
    assert.is(stderr.trim().split('\n').length, 1, stderr);
  }
  assert.is(readFileSync(join(folder, 'mine.csv'), 'utf8'), 'name,age\n');
  rmSync(folder, { recursive: true });
});

test.run();
