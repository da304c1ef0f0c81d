// Outputs never replace files of the user or each other; outputs of an earlier call are replaced.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { planOutputs, shownOutputs } from '../../trainer/command-line/outputs.ts';
import { refuseOverwriting } from '../../trainer/command-line/refuse-overwriting.ts';
import { filmOf, writeFilm } from '../../trainer/pictures/film.ts';
import { writeGrid, writeMarkedGrid, type Grid } from '../../trainer/pictures/grid.ts';
import { givenPictures } from '../../trainer/restoring/read-picture.ts';
import { saveFinding } from '../../trainer/run/save-finding.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('refuseOverwriting()');
const grid = (level: number): Grid => ({
  width: 8,
  height: 8,
  channels: 3,
  pixels: new Uint8Array(192).fill(level),
});
const film = { fps: 10, isLoop: true };
const message = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'accepted',
    (error: unknown) => (error as Error).message,
  );

test('files of the user are refused and stay; own pictures, animations and JSON are replaced', async () => {
  const folder = temporaryFolder();
  const at = (name: string): string => join(folder, name);
  await writeGrid(at('cat.png'), grid(1));
  for (const name of ['cat.gif', 'cat.webp', 'notes.json']) writeFileSync(at(name), '{}');
  for (const name of ['cat.png', 'cat.gif', 'cat.webp', 'notes.json'])
    assert.match(
      await message(refuseOverwriting(at(name), name)),
      /there is such a file already.*another --out/,
      name,
    );
  await writeMarkedGrid(at('grid.png'), grid(1));
  await writeMarkedGrid(at('one.png'), grid(1), 1, { isSingle: true });
  await writeFilm(at('film.gif'), filmOf([grid(1), grid(200)]), film);
  await writeFilm(at('film.webp'), filmOf([grid(1), grid(200)]), film);
  writeFileSync(at('walk.json'), JSON.stringify({ model: 'x', walks: [] }));
  for (const name of ['grid.png', 'one.png', 'film.gif', 'film.webp', 'walk.json', 'new.png'])
    assert.is(await message(refuseOverwriting(at(name), name)), 'accepted', name);
  for (const name of ['film.gif', 'film.webp'])
    assert.is((await sharp(at(name), { animated: true }).metadata()).pages, 2, name);
});

test('two outputs of one name are refused', async () => {
  const cwd = temporaryFolder();
  const plan = (out: readonly string[]): Promise<unknown> =>
    planOutputs({ cwd, out, endings: ['.png', '.gif'], name: 'walk', modelFolder: cwd });
  assert.match(await message(plan(['a.png', './A.png'])), /named twice/);
  assert.is(await message(plan(['a.png', 'a.gif'])), 'accepted');
  await writeMarkedGrid(join(cwd, 'a.png'), grid(1));
  const outputs = await planOutputs({
    ...{ cwd, out: ['a.png', 'a.gif'], endings: ['.png', '.gif'], name: 'walk', modelFolder: cwd },
  });
  assert.is(shownOutputs(cwd, outputs), 'a.png (replaced), a.gif');
});

test('a finding replaces a finding, and no file of the user', async () => {
  const folder = temporaryFolder();
  const warnings: string[] = [];
  const save = (file: string, name = 'x', seed = 0): Promise<void> =>
    saveFinding(
      folder,
      {
        name,
        title: 'X',
        step: 7,
        summary: `With seed ${seed}.`,
        pictures: [{ file, content: 'new', caption: '' }],
        data: { seed },
      },
      (line) => warnings.push(line),
    );
  writeFileSync(join(folder, 'groups.png'), 'mine');
  assert.match(await message(save('groups.png')), /holds groups\.png, which this program did not write/);
  assert.is(readFileSync(join(folder, 'groups.png'), 'utf8'), 'mine');
  await save('other.png');
  assert.is(await message(save('other.png')), 'accepted');
  assert.equal(warnings, [], 'the same results again');
  await save('other.png', 'x', 1);
  assert.equal(warnings, [
    `note: replaced the earlier results in ${folder} (of step 7: With seed 0.); --out keeps both`,
  ]);
  assert.match(await message(save('other.png', 'y')), /holds the results of x; give another --out/);
});

test('restored pictures get names that differ, without regard to case', async () => {
  const folder = temporaryFolder();
  const places = ['a/x.png', 'b/X.jpg', 'c/x-2.png', 'd/x.webp'].map((name) => join(folder, name));
  for (const place of places) {
    mkdirSync(join(place, '..'), { recursive: true });
    writeFileSync(place, '');
  }
  const given = await givenPictures(places, (path) => path, new AbortController().signal);
  assert.equal(
    given.map(({ name }) => name),
    ['x', 'X-3', 'x-2', 'x-4'],
  );
});

test.run();
