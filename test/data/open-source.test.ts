// The kinds of data that `--data` accepts, and how each is recognised.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { describeData, openSource } from '../../trainer/data/open-source.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { refuses } from './collected.ts';
import { idxBytes } from './idx-bytes.ts';

const test = suite('openSource()');

test('a path without a file, and an empty one, are refused with the expected kinds', async () => {
  await refuses(
    openSource('/no/such/place'),
    /data \/no\/such\/place: no such file or folder/,
    /or the word avatars/,
  );
  await refuses(openSource(''), /empty path/);
  await refuses(openSource('no-such.zip'), /no such file or folder/);
});

test('single images, archives that are not read and unknown files are refused', async () => {
  const folder = temporaryFolder();
  for (const [name, pattern] of [
    ['face.png', /a single image; expected a folder/],
    ['faces.tar.gz', /unpack it with tar -xf, and give the folder/],
    ['faces.npz', /unpack it to a folder of images/],
    ['faces.dat', /unknown format/],
  ] as const) {
    writeFileSync(join(folder, name), 'x');
    await refuses(openSource(join(folder, name)), pattern);
  }
});

test("LSUN's LMDB is recognised and the message says how to unpack it", async () => {
  const folder = join(temporaryFolder(), 'tower_val_lmdb');
  mkdirSync(folder);
  writeFileSync(join(folder, 'data.mdb'), new Uint8Array(8192));
  for (const data of [folder, join(folder, 'data.mdb')]) {
    await refuses(openSource(data), /LMDB/, /export \S*tower_val_lmdb --out_dir \S*tower_val_lmdb-images/);
  }
});

test('describeData() returns format, count, size, channels and classes', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'images-idx3-ubyte'), idxBytes([2, 4, 5], new Uint8Array(40)));
  writeFileSync(join(folder, 'labels-idx1-ubyte'), idxBytes([2], Uint8Array.of(0, 1)));
  const { kind, count, naturalSize, channels, classNames, attributeNames } = await describeData(folder);
  assert.equal(
    { kind, count, naturalSize, channels, classNames, attributeNames },
    {
      kind: 'idx',
      count: 2,
      naturalSize: { width: 5, height: 4 },
      channels: 1,
      classNames: ['0', '1'],
      attributeNames: null,
    },
  );
});

test('describeData() of avatars: any size, colour, attributes', async () => {
  const avatars = await describeData('avatars', { avatarCount: 7 });
  assert.equal([avatars.kind, avatars.count, avatars.channels, avatars.naturalSize], ['avatars', 7, 3, null]);
  assert.ok(avatars.attributeNames!.includes('glasses'));
  await refuses(describeData('avatars', { avatarCount: 0 }), /expected 1 to 10,000,000/);
});

test.run();
