// The location of each format's test part.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testPartOf } from '../../trainer/data/test-part.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { idxBytes } from './idx-bytes.ts';
import { zipBytes } from './zip-bytes.ts';

const test = suite('testPartOf()');
const picture = await sharp({ create: { width: 4, height: 4, channels: 3, background: '#a51' } })
  .png()
  .toBuffer();

/** A folder with these files in it. */
function folderOf(files: readonly string[], content: Uint8Array = picture): string {
  const folder = temporaryFolder();
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  }
  return folder;
}

test('a folder of train and test, itself or inside one other, or its train part alone', async () => {
  const plain = folderOf(['train/a/1.png', 'test/a/1.png']);
  assert.is(await testPartOf(plain), join(plain, 'test'));
  assert.is(await testPartOf(join(plain, 'train')), join(plain, 'test'));
  const inside = folderOf(['cifar/Training/a/1.png', 'cifar/Testing/a/1.png']);
  assert.is(await testPartOf(inside), join(inside, 'cifar', 'Testing'));
});

test('a zip of train and test, and its train part', async () => {
  const file = join(temporaryFolder(), 'set.zip');
  writeFileSync(
    file,
    zipBytes(['train/a/1.png', 'train/b/1.png', 'test/a/1.png'].map((name) => ({ name, data: picture }))),
  );
  assert.is(await testPartOf(file), join(file, 'test'));
  assert.is(await testPartOf(join(file, 'train')), join(file, 'test'));
});

test("MNIST's t10k and CIFAR-10's test batch", async () => {
  const mnist = folderOf(
    ['train-images-idx3-ubyte', 't10k-images-idx3-ubyte'],
    idxBytes([1, 2, 2], new Uint8Array(4)),
  );
  assert.is(await testPartOf(mnist), join(mnist, 't10k-images-idx3-ubyte'));
  const cifar = folderOf(['data_batch_1.bin', 'test_batch.bin'], new Uint8Array(3073));
  assert.is(await testPartOf(cifar), join(cifar, 'test_batch.bin'));
});

test('none where there is none: classes, a class called test, a part alone, avatars, nothing at all', async () => {
  assert.is(await testPartOf(folderOf(['a/1.png', 'b/1.png'])), null);
  assert.is(await testPartOf(folderOf(['a/1.png', 'test/1.png'])), null);
  assert.is(await testPartOf(folderOf(['train/a/1.png'])), null);
  assert.is(await testPartOf(folderOf(['train-images-idx3-ubyte'])), null);
  assert.is(await testPartOf(join(temporaryFolder(), 'none')), null);
  assert.is(await testPartOf('avatars'), null);
  const file = join(temporaryFolder(), 'set.zip');
  writeFileSync(file, zipBytes([{ name: 'a/1.png', data: picture }]));
  assert.is(await testPartOf(file), null);
});

test.run();
