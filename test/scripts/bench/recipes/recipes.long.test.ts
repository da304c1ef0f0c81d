// `npm run bench -- recipes`, whole: cells of two seconds with tiny networks, the table of them, and a cell that is cut off.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CellResult } from '../../../../scripts/bench/recipes/cell.ts';
import { environment } from '../../../shared/command-line.ts';
import { skipIf } from '../../../shared/skip.ts';
import { temporaryFolder } from '../../../shared/temporary-folder.ts';

const test = suite('bench recipes');
const python = process.env['DCGAN_PYTHON'] ?? 'python3';
const hasPytorch = spawnSync(python, ['-c', 'import torch, numpy']).status === 0;
const out = temporaryFolder();
const tiny = [
  ...['--only', 'avatars', '--minutes', '0.04', '--points', '2', '--width', '4', '--python', python],
  ...['--count', '40', '--point-count', '24', '--out', out],
];
const program = ['dist/scripts/bench/index.js', 'recipes'];
const bench = (...args: readonly string[]) =>
  spawnSync(process.execPath, [...program, ...tiny, ...args], { encoding: 'utf8', env: environment });
const cellOf = (recipe: string, folder = out): CellResult =>
  JSON.parse(readFileSync(join(folder, 'avatars', recipe, '1', 'cell.json'), 'utf8')) as CellResult;

/** The facts that hold for every whole cell. */
function checkCell(recipe: string): void {
  const { points, end, settings, imagesPerSecond, load } = cellOf(recipe);
  // One point on a machine so busy that its first steps take longer than all of the time.
  assert.ok(points.length === 1 || points.length === 2);
  assert.ok(
    points[0]!.seconds >= 1.2 && points.at(-1)!.seconds >= 2.4,
    'points are at equal parts of the time',
  );
  assert.ok(points[0]!.images > 0 && points.at(-1)!.images >= points[0]!.images);
  for (const { figures } of points) assert.is(figures.embedded!.count, 24);
  assert.is(end.embedded!.count, 40);
  for (const { figures } of points) assert.ok(figures.embedded!.precision! >= 0, 'it is measured');
  assert.is(settings.minutes, 0.04);
  assert.ok(imagesPerSecond > 0 && load.most >= 0);
}

test('a call trains and measures its cells; a recipe that train refuses fails alone, with its words', () => {
  const { status, stderr } = bench('--recipes', 'today,other', '--try', 'other: --no-such-flag 3');
  assert.is(status, 1, stderr);
  assert.match(stderr, /avatars today seed 1, cell 1 of 2, about .* left/);
  assert.match(stderr, /failed: .*--no-such-flag/);
  assert.match(stderr, '1 of 2 failed');
  checkCell('today');
  assert.not.ok(existsSync(join(out, 'avatars', 'other', '1', 'cell.json')));
});

test('a model whose images are all alike is a whole cell without distances, and counts as collapsed', () => {
  const { status, stderr } = bench(
    '--recipes',
    'wild',
    '--try',
    'wild: --learning-rate 10 --objective least-squares',
  );
  assert.is(status, 0, stderr);
  const { collapse, end } = cellOf('wild');
  assert.match(collapse!, /^diversity of the last images: 0\.0/);
  assert.is(end.embedded!.frechet, null);
});

test('the run of a cell keeps its last checkpoint and its model, and nothing else of the measuring', () => {
  const folder = join(out, 'avatars', 'today', '1');
  const run = cellOf('today').facts['run'] as string;
  const { points } = cellOf('today');
  const kept = readdirSync(join(run, 'checkpoints'));
  assert.equal(kept, [`step-${String(points.at(-1)!.images / 64).padStart(6, '0')}.safetensors`]);
  assert.ok(existsSync(join(run, 'model', 'model.json')));
  assert.not.ok(existsSync(join(folder, 'models')));
});

test('a finished cell is not trained again; other settings are refused with the remedy', () => {
  const before = cellOf('today').finishedAt;
  const again = bench('--recipes', 'today');
  assert.is(again.status, 0);
  assert.match(again.stderr, 'all 1 cells are finished');
  assert.is(cellOf('today').finishedAt, before);
  const { status, stderr } = bench('--recipes', 'today', '--width', '8');
  assert.is(status, 2);
  assert.match(stderr, /^error: --width 8: the finished cell in .* was measured with 4; give that again/m);
  const other = bench('--recipes', 'wild', '--try', 'wild: --learning-rate 9 --objective least-squares');
  assert.is(other.status, 2);
  assert.match(
    other.stderr,
    /^error: wild: .* was trained with .*-rate 10 .*, and now .*-rate 9 .*; give it another name/m,
  );
});

skipIf(
  !hasPytorch,
  `${python} has no torch and numpy (set DCGAN_PYTHON to a Python that has)`,
  test,
)("PyTorch's example is measured at the same points of time, and the table has its ratio", () => {
  const { status, stderr } = bench('--recipes', 'peer-1e-3');
  assert.is(status, 0, stderr);
  checkCell('peer-1e-3');
  assert.match(String(cellOf('peer-1e-3').facts['layout']), /^(nchw|channels_last)$/);
  assert.equal(readdirSync(join(out, 'avatars', 'peer-1e-3', '1')).sort(), ['cell.json', 'samples.png']);
  assert.match(bench('--table').stdout, /\| peer-1e-3 \|/);
});

test('by rate, a cell ends after the images of its minutes at the measured rate; rows of the same cost share one', () => {
  const byRate = temporaryFolder();
  const flags = ['--recipes', 'pairs-0.1,pairs-0.5', '--rate-seconds', '1', '--out', byRate];
  const early = bench(...flags, '--by-rate');
  assert.is(early.status, 1);
  assert.match(early.stderr, /failed: the rate is not measured yet.*--rates/);
  const measured = bench(...flags, '--rates');
  assert.is(measured.status, 0, measured.stderr);
  assert.match(measured.stderr, 'avatars pairs-0.5, rate 1 of 1');
  const { imagesPerSecond: rate } = JSON.parse(
    readFileSync(join(byRate, 'avatars', 'pairs-0.5', 'rate.json'), 'utf8'),
  ) as { imagesPerSecond: number };
  const { status, stderr } = bench(...flags, '--by-rate');
  assert.is(status, 0, stderr);
  for (const recipe of ['pairs-0.1', 'pairs-0.5']) {
    const { points, imagesPerSecond, load } = cellOf(recipe, byRate);
    assert.is(imagesPerSecond, rate);
    assert.ok(
      Math.abs(points[1]!.images - rate * 2.4) <= 64,
      `${points[1]!.images} images at ${rate} a second`,
    );
    assert.ok(load.most >= 0);
  }
});

test('--plan says what is left to do and trains nothing', () => {
  const { status, stdout } = bench('--recipes', 'today,r1', '--plan');
  assert.is(status, 0);
  assert.match(stdout, /^avatars today seed 1 +finished/m);
  assert.match(stdout, /^avatars r1 seed 1 +0.04 min/m);
  assert.match(stdout, /^1 of 2 cells to do, about /m);
  assert.not.ok(existsSync(join(out, 'avatars', 'r1')));
});

test('--table prints the rows and writes a plot and a sheet with a row for each recipe', async () => {
  const { status, stdout } = bench('--table');
  assert.is(status, 0);
  assert.match(stdout, /^## avatars: 10,000 avatars of 64x64$/m);
  assert.match(stdout, /^\| today \| the preset \| 1 \| [\d,.]+ \|/m);
  assert.is(readFileSync(join(out, 'recipes.md'), 'utf8').trim(), stdout.trim());
  const { rows } = JSON.parse(readFileSync(join(out, 'recipes.json'), 'utf8')) as { rows: object[] };
  assert.is(rows.length, hasPytorch ? 3 : 2);
  const { width = 0, height = 0 } = await sharp(join(out, 'avatars.png')).metadata();
  assert.ok(
    width > 12 * 64 && height > 64 * rows.length && height < 64 * (rows.length + 1),
    `${width}x${height}`,
  );
});

test('an interrupted call ends its cell and leaves no half of it', async () => {
  const child = spawn(process.execPath, [...program, ...tiny, '--minutes', '5', '--recipes', 'r1'], {
    stdio: 'ignore',
    env: environment,
  });
  const folder = join(out, 'avatars', 'r1', '1');
  const ended = codeOf(child);
  const isTraining = (): boolean =>
    existsSync(folder) &&
    readdirSync(folder, { recursive: true }).some((name) => String(name).endsWith('lock'));
  for (let i = 0; i < 600 && !isTraining() && child.exitCode === null; i++) await pause(200);
  assert.ok(isTraining(), 'the run has begun');
  child.kill('SIGINT');
  assert.is(await ended, 130);
  assert.not.ok(existsSync(folder));
});

function codeOf(child: ChildProcess): Promise<number | null> {
  return new Promise((done) => child.on('close', done));
}

test.run();
