// A run's own images: found again, found elsewhere, found to be others, or not found.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openRunData } from '../../trainer/run/run-data.ts';
import { openTrainedRun, type TrainedRun } from '../../trainer/run/trained-run.ts';
import { UserError } from '../../trainer/errors.ts';
import { dcgan, jsonLines, smallPictures, smallRun } from '../shared/command-line.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

process.env['DCGAN_CACHE'] = temporaryFolder();
const test = suite('openRunData()');
const { signal } = new AbortController();
const pictures = await smallPictures();
const trained = await dcgan(...smallRun(pictures, temporaryFolder(), 2));
const run: TrainedRun = await openTrainedRun(String(jsonLines(trained.stdout).at(-1)!['runDir']));

test('the images of the run are as they were; fewer of them are not, and that is said', async () => {
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

test('images that have gone are asked for', async () => {
  const moved = { ...run, config: { ...run.config, data: join(pictures, 'gone') } };
  try {
    await openRunData(moved, { data: null, signal });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, UserError);
    assert.match((error as Error).message, /images are not at hand .*gone.*; give --data/);
  }
});

test.run();
