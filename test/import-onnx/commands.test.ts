// Every command on an imported model: those that need the package alone work, the others say what it lacks.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Model } from '../../runtime-web/format/model.ts';
import { dcgan, dcganInTurn, jsonLines, smallPictures } from '../shared/command-line.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { dcganFile, saved } from './onnx-files.ts';

const test = suite('commands on an imported model');
const model = join(temporaryFolder(), 'model');

/** Runs a command that must succeed; its last JSON line. */
async function done(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const { code, stdout, stderr } = await dcganInTurn(...args, '--json');
  assert.is(code, 0, stderr);
  return jsonLines(stdout).at(-1)!;
}

test.before(async () => {
  const { code, stdout, stderr } = await dcgan('import', saved(dcganFile()), '--out', model);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^running netG\.onnx on 16 seeds$/m);
  assert.match(stdout, /^model {5}.*model \(netG, 20 numbers to 8x8x3\)$/m);
});

test('the preview has the images of seeds 0 to 15', async () => {
  const out = join(temporaryFolder(), 'grid.png');
  const report = await done('sample', model, '--seeds', '0-15', '--out', out);
  assert.is(report['step'], null);
  const [grid, preview] = await Promise.all(
    [out, join(model, 'preview.png')].map((file) => sharp(file).removeAlpha().raw().toBuffer()),
  );
  assert.equal(grid, preview);
});

test('walk and evaluate', async () => {
  const strip = join(temporaryFolder(), 'strip.png');
  await done('walk', model, '--from', '1', '--to', '2', '--out', strip);
  assert.ok(existsSync(strip));
  const found = await done('evaluate', model, await smallPictures(24), '--count', '24');
  assert.is(found['event'], 'done');
});

for (const method of ['sefa', 'ganspace']) {
  test(`directions --method ${method}`, async () => {
    const out = temporaryFolder();
    const found = await done('directions', model, '--method', method, '--count', '4', '--out', out);
    assert.is((found['directions'] as readonly unknown[]).length, 4);
    const { directions } = JSON.parse(readFileSync(join(model, 'model.json'), 'utf8')) as Model;
    assert.equal(
      directions.map(({ vector }) => vector.length),
      [20, 20, 20, 20],
    );
    const finding = JSON.parse(readFileSync(join(out, 'finding.json'), 'utf8')) as Record<string, unknown>;
    assert.not.ok('step' in finding);
  });
}

test('commands that need a run say so, and what makes one', async () => {
  for (const args of [
    ['export', model, '--masks'],
    ['restore', model, 'avatars:1-1', '--centre', '0.25'],
    ['visualise', model],
    ['features', '--data', 'avatars', '--model', model],
    ['steer', model],
    ['train', '--resume', model],
  ]) {
    const { code, stderr } = await dcganInTurn(...args);
    assert.is(code, 2, `${args[0]}: ${stderr}`);
    assert.match(
      stderr,
      /^error: .*model: a model imported from netG\.onnx, without a run and its checkpoints; import the PyTorch weights .*\n$/,
      args[0],
    );
  }
});

test('commands that need labelled images ask for them', async () => {
  for (const args of [
    ['directions', model],
    ['arithmetic', model, '--attributes', 'hat-hat+hat'],
  ]) {
    const { code, stderr } = await dcganInTurn(...args);
    assert.is(code, 2, stderr);
    assert.match(
      stderr,
      /the model was imported, and a classifier needs labelled images like those it was trained on: give --data/,
    );
  }
  const { stderr } = await dcganInTurn('evaluate', model);
  assert.match(stderr, /is no run, so there is no training data to compare with; give a second path/);
});

test.run();
