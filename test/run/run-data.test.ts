// A run's own images: found again, moved, replaced by others, or missing.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openRunData } from '../../trainer/run/run-data.ts';
import { openTrainedRun, type TrainedRun } from '../../trainer/run/trained-run.ts';
import { UserError } from '../../trainer/errors.ts';
import {
  dcgan,
  dcganInTurn,
  jsonLines,
  labelledPictures,
  smallPictures,
  smallRun,
} from '../shared/command-line.ts';
import { writeTinyNetwork } from '../metrics/tiny-network.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

process.env['DCGAN_CACHE'] = temporaryFolder();
const test = suite('openRunData()');
const { signal } = new AbortController();
const network = writeTinyNetwork(temporaryFolder());
const pictures = await smallPictures();
const trained = await dcgan(...smallRun(pictures, temporaryFolder(), 2));
const run: TrainedRun = await openTrainedRun(String(jsonLines(trained.stdout).at(-1)!['runDir']));

test('unchanged images of the run are accepted; fewer of them give a warning', async () => {
  const same = await openRunData(run, { data: null, signal });
  assert.equal([same.dataset.count, same.difference], [40, null]);
  await same.dataset.close();

  const fewer = join(temporaryFolder(), 'fewer');
  cpSync(pictures, fewer, { recursive: true });
  rmSync(join(fewer, '007.png'));
  const other = await openRunData(run, { data: fewer, signal });
  assert.is(other.dataset.count, 39);
  assert.match(other.difference!, /^fewer \(39 images\) differs from the training data \(.* of 40 images\)$/);
  await other.dataset.close();
});

test('missing images are an error that asks for --data', async () => {
  const moved = { ...run, config: { ...run.config, data: join(pictures, 'gone') } };
  try {
    await openRunData(moved, { data: null, signal });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, UserError);
    assert.match((error as Error).message, /images are not at hand .*gone.*; give --data/);
  }
});

test('a run of some classes only gets the images of these classes, for every command', async () => {
  const labelled = await labelledPictures(40, ['cat', 'dog', 'hen', 'owl']);
  const flags = ['--classes', 'dog,owl', '--evaluate-every', '4', '--evaluate-network', network];
  const ended = await dcgan(...smallRun(labelled, temporaryFolder(), 4), ...flags, '--evaluate-count', '20');
  assert.is(ended.code, 0, ended.stderr);
  const lines = jsonLines(ended.stdout);
  const folder = String(lines.at(-1)!['runDir']);
  const ofClasses = await openTrainedRun(folder);
  const { dataset, difference } = await openRunData(ofClasses, { data: null, signal });
  assert.equal([dataset.count, dataset.classNames, difference], [20, ['dog', 'owl'], null]);
  await dataset.close();

  const measured = await dcganInTurn('evaluate', folder, '--network', network, '--count', '20', '--json');
  const found = jsonLines(measured.stdout).at(-1)! as { frechet: number; countB: number };
  const atTraining = lines.findLast(({ event }) => event === 'report')!['frechet'] as number;
  assert.is(found.countB, 20);
  assert.ok(Math.abs(found.frechet - atTraining) < 1e-3 * atTraining, `${found.frechet}, ${atTraining}`);

  const moved = join(temporaryFolder(), 'moved');
  cpSync(labelled, moved, { recursive: true });
  const same = await openRunData(ofClasses, { data: moved, signal });
  assert.is(same.dataset.count, 20);
  await same.dataset.close();
  try {
    await openRunData(ofClasses, { data: pictures, signal });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, UserError);
    assert.match((error as Error).message, /the run was trained on the classes dog,owl alone .*give --data/);
  }
});

test.run();
