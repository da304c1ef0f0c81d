// The command `dedupe`, spawned for real: copies among faces are found, moved, and everything else is left as it was.
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dcgan, dcganInTurn, jsonLines } from '../shared/command-line.ts';
import { drawAvatarPixels } from '../duplicates/pictures.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('dedupe');
const root = temporaryFolder();
const folder = join(root, 'faces');
mkdirSync(join(folder, 'train'), { recursive: true });
mkdirSync(join(folder, 'test'), { recursive: true });
const size = 64;
const pictures = await drawAvatarPixels(200, size);
const image = (i: number): Sharp => sharp(pictures[i]!, { raw: { width: size, height: size, channels: 3 } });
for (let i = 0; i < pictures.length; i++)
  await image(i)
    .png()
    .toFile(join(folder, `train/${i}.png`));
/** Copies of pictures 0, 1, …; one is in the test part, one is larger than its original. */
const copies: Readonly<Record<string, Sharp>> = {
  'train/zero.jpg': image(0).jpeg({ quality: 60 }),
  'test/one.webp': image(1).webp({ quality: 70 }),
  'train/two.png': image(2).resize(48, 48).png(),
  'train/large.png': image(3).resize(128, 128).png(),
  'train/four.png': image(4).extract({ left: 2, top: 1, width: 60, height: 60 }).png(),
  'train/five.png': image(5).linear(0.75, 0).png(),
  'train/six.jpg': image(6).linear(1.2, 0).jpeg({ quality: 60 }),
  'train/six-again.png': image(6).png(),
};
for (const [name, copy] of Object.entries(copies)) await copy.toFile(join(folder, name));
writeFileSync(join(folder, 'train/torn.png'), readFileSync(join(folder, 'train/7.png')).subarray(0, 300));
writeFileSync(join(folder, 'notes.txt'), 'kept');

/** The pictures that stay come first in their groups: the largest, or the largest file. */
const groups = [
  ['train/0.png', 'train/zero.jpg'],
  ['train/1.png', 'test/one.webp'],
  ['train/2.png', 'train/two.png'],
  ['train/large.png', 'train/3.png'],
  ['train/4.png', 'train/four.png'],
  ['train/5.png', 'train/five.png'],
  ['train/6.png', 'train/six-again.png', 'train/six.jpg'],
];
const sorted = (lists: readonly (readonly string[])[]): string[] =>
  lists.map((list) => [...list].sort().join(' ')).sort();
const filesIn = (of: string): string[] =>
  readdirSync(of, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(of.length + 1))
    .sort();
const before = filesIn(folder);

test('copies are found in all parts of a folder, and nothing else; the folder stays as it is', async () => {
  const { code, stdout, stderr } = await dcgan('dedupe', folder, '--json');
  assert.is(code, 0, stderr);
  assert.match(stderr, /warning: 1 image could not be read: train\/torn\.png \(/);
  const { groups: found, ...done } = jsonLines(stdout).at(-1) as {
    groups: string[][];
    [key: string]: unknown;
  };
  assert.equal(sorted(found), sorted(groups.map((group) => group.map((name) => join(folder, name)))));
  assert.is(done['images'], 207 + 1);
  assert.is(done['duplicates'], 8);
  assert.is(done['moved'], 0);
  assert.equal(filesIn(folder), before);
  assert.equal(readdirSync(`${folder}-duplicates`).sort(), ['finding.json', 'groups.png']);
  const { format } = await sharp(join(`${folder}-duplicates`, 'groups.png')).metadata();
  assert.is(format, 'png');
});

test('each hash alone finds most of them, and is named in the result', async () => {
  for (const hash of ['semantic', 'perceptual']) {
    const { code, stdout, stderr } = await dcgan(
      'dedupe',
      folder,
      '--json',
      '--hash',
      hash,
      '--out',
      join(root, hash),
    );
    assert.is(code, 0, stderr);
    const done = jsonLines(stdout).at(-1) as { groups: string[][]; foundBy: Record<string, number> };
    assert.equal(Object.keys(done.foundBy), [hash]);
    assert.ok(done.groups.length >= 6, `${hash}: ${done.groups.length} groups`);
    assert.ok(done.groups.flat().every((path) => groups.flat().includes(path.slice(folder.length + 1))));
  }
});

test('--remove moves all but the best out, under the same names; then none is left to find', async () => {
  const { code, stdout, stderr } = await dcgan('dedupe', folder, '--remove', '--out', join(root, 'out'));
  assert.is(code, 0, stderr);
  assert.match(stdout, /moved +8 images to /);
  const moved = filesIn(join(root, 'out', 'images'));
  assert.equal(moved.map((name) => basename(name)).sort(), [
    '3.png',
    'five.png',
    'four.png',
    'one.webp',
    'six-again.png',
    'six.jpg',
    'two.png',
    'zero.jpg',
  ]);
  assert.equal([...filesIn(folder), ...moved].sort(), before);
  const again = await dcgan('dedupe', folder, '--json', '--remove', '--out', join(root, 'out'));
  assert.equal((jsonLines(again.stdout).at(-1) as { groups: unknown[] }).groups, []);
  assert.equal(filesIn(join(root, 'out', 'images')), moved);
});

test('of many pictures the pairs are compared by threads, which come with the program', async () => {
  const many = join(root, 'many');
  mkdirSync(many);
  for (const [i, pixels] of (await drawAvatarPixels(600, 32)).entries()) {
    await sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } })
      .png()
      .toFile(join(many, `${i}.png`));
  }
  const { code, stdout, stderr } = await dcgan('dedupe', many, '--json', '--hash', 'perceptual');
  assert.is(code, 0, stderr);
  // Fewer than 2048 are compared by one thread.
  const { images, compared } = jsonLines(stdout).at(-1) as { images: number; compared: number };
  assert.is(images, 600);
  assert.ok(compared > 2048, `${compared} pairs`);
});

test('an impossible move is refused before anything is moved', async () => {
  const refuse = async (expected: RegExp, ...given: readonly string[]): Promise<void> => {
    const { code, stderr, stdout } = await dcganInTurn('dedupe', ...given);
    assert.is(code, 2, stderr);
    assert.match(stderr, expected);
    assert.is(stdout, '');
  };
  const now = filesIn(folder);
  await refuse(/no-such-folder.*no such/, join(root, 'no-such-folder'));
  await refuse(/--threshold: got 2, expected/, folder, '--threshold', '2');
  await refuse(/--hash.*semantic, perceptual, both/, folder, '--hash', 'crc');
  await refuse(/--out: .* is inside/, folder, '--remove', '--out', join(folder, 'train', 'out'));
  await refuse(/avatars is not a folder of image files; unpack it first/, 'avatars', '--remove');
  const single = join(root, 'single');
  mkdirSync(single);
  await image(0).png().toFile(join(single, 'a.png'));
  await refuse(/1 image; expected at least 2/, single);
  // A file is in the way of an image.
  await image(0).png().toFile(join(single, 'b.png'));
  mkdirSync(join(root, 'taken', 'images'), { recursive: true });
  writeFileSync(join(root, 'taken', 'images', 'b.png'), 'mine');
  const onto = ['--hash', 'perceptual', '--remove', '--out', join(root, 'taken')];
  await refuse(/b\.png is there already/, single, ...onto);
  assert.is(readFileSync(join(root, 'taken', 'images', 'b.png'), 'utf8'), 'mine');
  assert.equal(filesIn(folder), now);
  assert.not(existsSync(join(folder, 'train', 'out')));
});

test('links are no copies, and --remove moves neither a link nor the target of one', async () => {
  const cats = temporaryFolder();
  mkdirSync(join(cats, 'cats'));
  for (let i = 0; i < 30; i++)
    await image(i)
      .png()
      .toFile(join(cats, `cats/${i}.png`));
  symlinkSync('cats', join(cats, 'best'));
  mkdirSync(join(cats, 'ten'));
  for (let i = 0; i < 10; i++) symlinkSync(`../cats/${i}.png`, join(cats, `ten/${i}.png`));
  linkSync(join(cats, 'cats/11.png'), join(cats, 'ten/hard.png'));
  const names = [...Array(30).keys()].flatMap((i) => [`cats/${i}.png`, `best/${i}.png`]);
  names.push(...[...Array(10).keys()].map((i) => `ten/${i}.png`), 'ten/hard.png');
  const run = async (): Promise<Record<string, unknown>> => {
    const { code, stdout, stderr } = await dcgan(
      'dedupe',
      cats,
      '--remove',
      '--json',
      '--out',
      `${cats}-out`,
    );
    assert.is(code, 0, stderr);
    for (const name of names) assert.ok(existsSync(join(cats, name)), name);
    return jsonLines(stdout).at(-1) as Record<string, unknown>;
  };
  const done = await run();
  assert.equal([done['images'], done['groups'], done['moved']], [30, [], 0]);
  // Real copies: of the target of a link, larger, so that the target is the one to go; and one outside, behind a link.
  await image(3).resize(128, 128).png().toFile(join(cats, 'cats/large.png'));
  const outside = temporaryFolder();
  await image(20).jpeg({ quality: 60 }).toFile(join(outside, 'copy.jpg'));
  symlinkSync(outside, join(cats, 'outside'));
  names.push('cats/large.png', 'outside/copy.jpg');
  const again = await run();
  assert.equal([again['images'], again['duplicates'], again['moved']], [32, 2, 0]);
});

test.run();
