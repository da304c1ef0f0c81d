// The data that `train` accepts and its messages about them; spawned for real.
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../../shared/temporary-folder.ts';
import {
  jsonLines,
  labelledPictures,
  smallPictures,
  smallRun,
  start,
  type Ending,
} from '../../shared/command-line.ts';

const test = suite('the data of train');

const ran = async (cwd: string, args: readonly string[]): Promise<Ending> => {
  const ended = await start(args, { cwd }).ended;
  assert.is(ended.code, 0, ended.stderr);
  return ended;
};
/** A field of the JSON line of an event. */
const said = ({ stdout }: Ending, event: string, key: string): unknown =>
  jsonLines(stdout).find((line) => line['event'] === event)?.[key];
const images = (ended: Ending): unknown => (said(ended, 'plan', 'data') as { images: number }).images;

test('runs, samples and findings inside the data change nothing: the same count, and a run resumes without a warning', async () => {
  const folder = await smallPictures();
  const first = await ran(folder, smallRun('.', 'runs', 4));
  assert.is(images(first), 40);
  const run = String(said(first, 'done', 'runDir'));
  await ran(folder, ['sample', run]);
  await ran(folder, ['sample', run, '--seeds', '3']);
  await ran(folder, ['walk', join(run, 'model'), '--from', '1', '--to', '2', '--out', 'walk.png']);
  await ran(folder, ['dedupe', '.', '--hash', 'perceptual', '--out', 'found']);
  assert.is(images(await ran(folder, smallRun('.', 'runs', 4))), 40);
  const resumed = await ran(folder, ['train', '--resume', run, '--steps', '8', '--json']);
  assert.is(images(resumed), 40);
  assert.not.match(resumed.stderr, /data have changed/);
});

test('a folder called avatars is the folder; without --data, or without the folder, avatars is the built-in set', async () => {
  const cwd = temporaryFolder();
  renameSync(await smallPictures(), join(cwd, 'avatars'));
  const meant = /^note: avatars is .*\/avatars here; for the faces that this program draws, rename that/m;
  const word = await ran(cwd, smallRun('avatars', 'runs', 2));
  assert.is(images(word), 40);
  assert.match(word.stderr, meant);
  const path = await ran(cwd, [...smallRun('./avatars', 'runs', 2), '--dry-run']);
  assert.is(images(path), 40);
  assert.not.match(path.stderr, /note/);
  const drawn = await ran(cwd, ['train', '--dry-run', '--json', '--image-size', '16', '--base-width', '4']);
  assert.is(images(drawn), 10_000);
  assert.match(drawn.stderr, /^note: without --data the images are faces .*--data \.\/avatars$/m);

  // A model of the folder's images is no model of the built-in faces, whose classifiers need no --data.
  const run = String(said(word, 'done', 'runDir'));
  for (const command of [
    ['steer', run],
    ['directions', run],
  ]) {
    const refused = await start(command, { cwd }).ended;
    assert.is(refused.code, 2, refused.stdout);
    assert.match(
      refused.stderr,
      /the model was trained on avatars-images, and a classifier needs labelled images/,
    );
  }
});

test('every command that opens data warns of formats that it does not read and of broken files', async () => {
  const folder = await labelledPictures(40, ['cat', 'dog']);
  writeFileSync(join(folder, 'cat', 'a.jxl'), 'BM');
  writeFileSync(join(folder, 'dog', 'torn.png'), '');
  const cwd = temporaryFolder();
  const run = String(said(await ran(cwd, smallRun(folder, 'runs', 4)), 'done', 'runDir'));
  const picture = join(folder, 'cat', '000.png');
  const commands: readonly (readonly string[])[] = [
    ['evaluate', run, '--count', '8'],
    ['features', '--data', folder, '--model', run, '--baselines', 'none'],
    ['visualise', run, '--images', '8', '--filters', '1', '--layer', 'discriminator/block1'],
    ['restore', run, picture, '--centre', '0.25', '--updates', '2', '--restarts', '1'],
    ['export', run, '--discriminator', '--out', join(cwd, 'package')],
    // These need attributes, which the images lack, and say so after the warnings.
    ['steer', run, '--data', folder],
    ['directions', run, '--data', folder],
    ['arithmetic', run, '--attributes', 'hat', '--data', folder],
  ];
  for (const command of commands) {
    const { stderr } = await start(command, { cwd }).ended;
    const name = `${command[0]!}: ${stderr}`;
    assert.match(
      stderr,
      /^warning: .*: 1 of 42 files is in a format that this program does not read: 1 \.jxl/m,
      name,
    );
    assert.match(stderr, /^warning: .*: 1 image could not be read and was left out: dog\/torn\.png/m, name);
  }
});

test('formats that are not read are counted and named; all broken files are listed in the run', async () => {
  const folder = await smallPictures(20);
  for (let i = 0; i < 10; i++) writeFileSync(join(folder, `${i}.heic`), 'BM');
  for (let i = 0; i < 10; i++) writeFileSync(join(folder, `${i}.jxl`), 'II');
  writeFileSync(join(folder, 'notes.txt'), 'no image');
  const small = await ran(folder, smallRun('.', 'runs', 4));
  const sentence =
    /warning: 20 of 40 files are in formats that this program does not read: 10 \.heic, 10 \.jxl; convert them to/;
  assert.match(small.stderr, sentence);
  for (const command of [
    ['dedupe', '.', '--hash', 'perceptual'],
    ['evaluate', '.', '.', '--count', '8'],
  ])
    assert.match(
      (await start(command, { cwd: folder }).ended).stderr,
      new RegExp(sentence.source.slice(9)),
      command[0],
    );

  const broken = await smallPictures(100);
  for (let i = 0; i < 9; i++) writeFileSync(join(broken, `torn-${i}.png`), '');
  const ended = await ran(broken, smallRun('.', 'runs', 4));
  assert.match(ended.stderr, /9 images could not be read .*all are listed in unreadable\.txt/);
  const list = readFileSync(join(String(said(ended, 'done', 'runDir')), 'unreadable.txt'), 'utf8');
  assert.equal(
    list.trim().split('\n'),
    Array.from({ length: 9 }, (_, i) => `torn-${i}.png (empty file)`),
  );
});

test('a moved or copied folder is resumed; one image more or less, and other images, are refused with what to do', async () => {
  const folder = await smallPictures();
  const out = temporaryFolder();
  const run = String(said(await ran(out, smallRun(folder, '.', 4)), 'done', 'runDir'));
  const copy = join(temporaryFolder(), 'copy');
  // A copy with new dates, under another name; then the original goes away.
  cpSync(folder, copy, { recursive: true });
  rmSync(folder, { recursive: true });
  const resume = (data: readonly string[], steps: number): Promise<Ending> =>
    start(['train', '--resume', run, ...data, '--steps', String(steps), '--json']).ended;
  const gone = await resume([], 8);
  assert.is(gone.code, 2);
  assert.match(gone.stderr, /the run's images are no longer there; give --data with their present path/);
  const resumed = await resume(['--data', copy], 8);
  assert.is(resumed.code, 0, resumed.stderr);
  assert.not.match(resumed.stderr, /warning/);
  assert.is(said(resumed, 'plan', 'data') && images(resumed), 40);
  assert.is((await resume([], 10)).code, 0);

  const added = join(copy, 'added.png');
  cpSync(join(copy, '000.png'), added);
  const more = await resume([], 12);
  assert.is(more.code, 2);
  const [, remedy] = /41 images now, 40 when the run was saved \(1 more\).* new run on these: (.*)$/m.exec(
    more.stderr,
  )!;
  const fresh = await ran(out, [...remedy!.split(' '), '--out', '.', '--json', '--dry-run']);
  assert.is(images(fresh), 41);
  rmSync(added);
  renameSync(join(copy, '000.png'), join(out, '000.png'));
  assert.match((await resume([], 12)).stderr, /39 images now, 40 when .*\(1 fewer\)/);
  renameSync(join(out, '000.png'), join(copy, '000.png'));
  assert.is((await resume([], 12)).code, 0);

  const others = await smallPictures(41);
  rmSync(join(others, '000.png'));
  const other = await resume(['--data', others], 14);
  assert.is(other.code, 2);
  assert.match(other.stderr, /40 images, as when the run was saved, but of other content/);
});

test.run();
