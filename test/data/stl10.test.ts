// STL-10's binary files, against a fixture decoded as torchvision does (made by scripts/fixtures/sets.py).
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openSource } from '../../trainer/data/open-source.ts';
import { testPartOf } from '../../trainer/data/test-part.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { collected, refuses } from './collected.ts';

const { stl10 } = JSON.parse(readFileSync('test/fixtures/binary-sets.json', 'utf8')) as {
  stl10: { labels: number[]; sha256: string[] };
};
const test = suite('openStl10()');
const imageBytes = 27648;
/** The same bytes as `file_bytes` in the fixture's script. */
const fileBytes = (count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, i) => (i * 7919 + (i >> 5) * 31 + (i >> 11)) % 251);

/** A folder `stl10_binary` with the files of the download, two images each, and these ones instead. */
function put(files: Readonly<Record<string, Uint8Array | null>> = {}): string {
  const folder = join(temporaryFolder(), 'stl10_binary');
  mkdirSync(folder);
  const all: Readonly<Record<string, Uint8Array | null>> = {
    'train_X.bin': fileBytes(2 * imageBytes),
    'train_y.bin': Uint8Array.from(stl10.labels, (label) => label + 1),
    'test_X.bin': fileBytes(imageBytes),
    'test_y.bin': Uint8Array.of(8),
    'unlabeled_X.bin': fileBytes(3 * imageBytes),
    'class_names.txt': Buffer.from('airplane\nbird\ncar\ncat\ndeer\ndog\nhorse\nmonkey\nship\ntruck\n'),
    'fold_indices.txt': Buffer.from('0 1\n'),
    ...files,
  };
  for (const [name, bytes] of Object.entries(all))
    if (bytes !== null) writeFileSync(join(folder, name), bytes);
  return folder;
}

test('the training part of a folder: upright pixels, and the labels of the file beside it', async () => {
  const folder = put();
  const source = await openSource(folder);
  assert.equal([source.kind, source.name, source.count], ['stl-10', 'stl10-binary', 2]);
  const images = await collected(source, 96);
  assert.equal(
    images.map(({ label }) => label),
    stl10.labels,
  );
  assert.equal(
    images.map(({ label }) => source.classNames![label]),
    ['airplane', 'truck'],
  );
  assert.equal(
    images.map(({ pixels }) => createHash('sha256').update(pixels).digest('hex')),
    stl10.sha256,
  );
  assert.is(await testPartOf(folder), join(folder, 'test_X.bin'));
});

test('the folder in which the archive was unpacked is the set, beside the archive too', async () => {
  const outer = join(put(), '..');
  writeFileSync(join(outer, 'stl10_binary.tar.gz'), 'gz');
  assert.is((await openSource(outer)).name, 'stl10-binary');
  assert.is(await testPartOf(outer), join(outer, 'stl10_binary', 'test_X.bin'));
  await refuses(
    openSource(join(outer, 'stl10_binary.tar.gz')),
    /unpack it with tar -xf, and give the folder/,
  );
});

test('the test part has its own labels; the unlabelled part, by its path, has none', async () => {
  const folder = put();
  const held = await openSource(join(folder, 'test_X.bin'));
  assert.equal([held.name, held.count], ['stl10-binary-test', 1]);
  assert.equal(
    (await collected(held, 96)).map(({ label }) => held.classNames![label]),
    ['monkey'],
  );
  const unlabelled = await openSource(join(folder, 'unlabeled_X.bin'));
  assert.equal(
    [unlabelled.name, unlabelled.count, unlabelled.classNames],
    ['stl10-binary-unlabeled', 3, null],
  );
  assert.equal(
    (await collected(unlabelled, 96)).map(({ label }) => label),
    [-1, -1, -1],
  );
});

test('truncated images, and labels that are missing, too few, too many or impossible, are refused', async () => {
  const refused = (files: Parameters<typeof put>[0], pattern: RegExp): Promise<void> =>
    refuses(openSource(put(files)), pattern);
  await refused({ 'train_X.bin': fileBytes(imageBytes - 1) }, /27647 bytes are not whole STL-10 images/);
  await refused({ 'train_X.bin': new Uint8Array(0) }, /0 bytes are not whole/);
  await refused({ 'train_y.bin': null }, /train_y\.bin: this file of labels is missing/);
  await refused({ 'train_y.bin': Uint8Array.of(1) }, /1 labels for 2 images/);
  await refused({ 'train_y.bin': Uint8Array.of(1, 2, 3) }, /more labels for 2 images/);
  await refused({ 'train_y.bin': Uint8Array.of(1, 11) }, /label 1 is 11, expected 1 to 10/);
  await refused({ 'train_y.bin': Uint8Array.of(0, 1) }, /label 0 is 0, expected 1 to 10/);
  await refuses(
    openSource(join(put(), 'test_y.bin')),
    /a file of labels; give the file of images, test_X\.bin/,
  );
});

test.run();
