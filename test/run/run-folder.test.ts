// Run folders: numbered, complete, and distinguished from other folders.
import { chmodSync, existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import process from 'node:process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UserError } from '../../trainer/errors.ts';
import { defaultConfig } from '../../trainer/config/fields.ts';
import {
  checkWritable,
  createRunFolder,
  openRunFolder,
  removeLeftovers,
  writeConfig,
} from '../../trainer/run/run-folder.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { skipIf } from '../shared/skip.ts';

const test = suite('run folder');

/** The message of the UserError that `promise` is rejected with. */
async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    assert.instance(error, UserError, String(error));
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

test('runs continue from the highest number, for every name', async () => {
  const out = join(temporaryFolder(), 'deep', 'runs');
  assert.is(basename((await createRunFolder(out, 'faces-dcgan')).path), '00001-faces-dcgan');
  mkdirSync(join(out, '00041-other'));
  mkdirSync(join(out, 'not-a-run'));
  const folder = await createRunFolder(out, 'faces-dcgan');
  assert.is(basename(folder.path), '00042-faces-dcgan');
  assert.equal(readdirSync(folder.path).sort(), ['checkpoints', 'samples']);
});

test('runs that start together get numbers of their own, and leave no bare number', async () => {
  const out = temporaryFolder();
  const folders = await Promise.all(
    Array.from({ length: 20 }, (_, i) => createRunFolder(out, i % 2 === 0 ? 'a' : 'b')),
  );
  const numbers = folders.map(({ path }) => basename(path).slice(0, 5));
  assert.is(new Set(numbers).size, 20);
  assert.ok(readdirSync(out).every((name) => /^\d{5}-[ab]$/.test(name)));
});

test('a saved configuration opens the run again', async () => {
  const folder = await createRunFolder(temporaryFolder(), 'x');
  await writeConfig(folder, { ...defaultConfig, batch: 17 });
  const opened = await openRunFolder(folder.path);
  assert.is(opened.config.batch, 17);
  assert.is(opened.folder.checkpoints, folder.checkpoints);
});

test('a folder that is no run is refused, and the newest run in it is named', async () => {
  const out = temporaryFolder();
  assert.match(await refusal(openRunFolder(out)), /not a run folder .*give a folder that training has made/);
  mkdirSync(join(out, '00002-b'));
  mkdirSync(join(out, '00010-a'));
  assert.match(await refusal(openRunFolder(out)), /did you mean .*00010-a\?/);
  mkdirSync(join(out, '99999-c'));
  mkdirSync(join(out, '100000-a'));
  assert.match(await refusal(openRunFolder(out)), /did you mean .*\/100000-a\?/);
  assert.match(await refusal(openRunFolder(join(out, 'nowhere'))), /not a run folder/);
});

test('a configuration that is not JSON, or is no record, is refused with its path', async () => {
  const out = temporaryFolder();
  writeFileSync(join(out, 'config.json'), '{"batch": 3,}');
  assert.match(await refusal(openRunFolder(out)), /config\.json: not JSON/);
  writeFileSync(join(out, 'config.json'), '[1]');
  assert.match(await refusal(openRunFolder(out)), /expected a JSON object/);
});

test('an output folder that is a file is refused before and while it is made', async () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  assert.match(await refusal(checkWritable(file)), /is a file; give a folder/);
  assert.match(await refusal(checkWritable(join(file, 'below'))), /cannot write there|is a file/);
  assert.match(await refusal(createRunFolder(file, 'x')), /cannot write there/);
});

const notAsRoot = skipIf(process.getuid?.() === 0, 'root may write anywhere', test);
notAsRoot('an output folder without permission is refused', async () => {
  const out = temporaryFolder();
  chmodSync(out, 0o500);
  assert.match(await refusal(checkWritable(join(out, 'runs'))), /permission denied/);
  assert.match(await refusal(createRunFolder(join(out, 'runs'), 'x')), /permission denied/);
});

test('an output folder that is not there yet is fine where it can be made', async () => {
  const out = join(temporaryFolder(), 'a', 'b');
  await checkWritable(out);
  assert.not(existsSync(out));
});

test('leftovers of a killed process are removed, all else stays', async () => {
  const folder = await createRunFolder(temporaryFolder(), 'x');
  writeFileSync(join(folder.checkpoints, 'step-000001.safetensors.77.tmp'), 'half');
  writeFileSync(join(folder.checkpoints, 'step-000001.safetensors'), 'whole');
  writeFileSync(join(folder.path, 'config.json.77.tmp'), '{');
  await removeLeftovers(folder);
  assert.equal(readdirSync(folder.checkpoints), ['step-000001.safetensors']);
  assert.equal(readdirSync(folder.path).sort(), ['checkpoints', 'samples']);
});

test('what another living process is writing stays, unless it is an hour old', async () => {
  const folder = await createRunFolder(temporaryFolder(), 'a');
  for (const name of [
    `model.${process.ppid}.tmp`,
    `model.${process.ppid}.old.tmp`,
    `model.${process.pid}.tmp`,
  ]) {
    mkdirSync(join(folder.path, name));
  }
  await removeLeftovers(folder);
  const kept = [`model.${process.ppid}.old.tmp`, `model.${process.ppid}.tmp`];
  assert.equal(
    readdirSync(folder.path)
      .filter((name) => name.endsWith('.tmp'))
      .sort(),
    kept,
  );
  const before = new Date(Date.now() - 2 * 60 * 60 * 1000);
  for (const name of kept) utimesSync(join(folder.path, name), before, before);
  await removeLeftovers(folder);
  assert.equal(readdirSync(folder.path).sort(), ['checkpoints', 'samples']);
});

test.run();
