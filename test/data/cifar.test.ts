// CIFAR's binary records, from bytes built by hand, and from a fixture (made by scripts/fixtures/sets.py).
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { useColumns } from '../../trainer/data/labels/use-columns.ts';
import { openSource } from '../../trainer/data/open-source.ts';
import { testPartOf } from '../../trainer/data/test-part.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { collected, refuses } from './collected.ts';

const test = suite('openCifar()');

/** A record: a label, then planes of red, green and blue; red counts columns, green rows, blue is the label's tenfold. */
function record(label: number): Buffer {
  const bytes = Buffer.alloc(3073, label);
  for (let i = 0; i < 1024; i++) {
    bytes[1 + i] = i % 32;
    bytes[1025 + i] = Math.floor(i / 32);
    bytes[2049 + i] = 10 * label;
  }
  return bytes;
}

function put(files: Readonly<Record<string, Uint8Array>>): string {
  const folder = temporaryFolder();
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  return folder;
}

test('the batches of a folder, in order, with interleaved colours; the test batch is left out', async () => {
  const folder = put({
    'data_batch_1.bin': Buffer.concat([record(3), record(9)]),
    'data_batch_2.bin': record(0),
    'test_batch.bin': record(5),
  });
  const source = await openSource(folder);
  assert.equal([source.kind, source.count, source.channels], ['cifar-10', 3, 3]);
  assert.is(source.classNames?.[3], 'cat');
  const images = await collected(source, 32);
  assert.equal(
    images.map(({ label }) => label),
    [3, 9, 0],
  );
  const at = (5 * 32 + 7) * 3; // row 5, column 7
  assert.equal([...images[1]!.pixels.subarray(at, at + 3)], [7, 5, 90]);
});

test('one file may be given, and batches.meta.txt names the classes', async () => {
  const names = Array.from({ length: 10 }, (_, i) => `kind${i}`);
  const folder = put({
    'test_batch.bin': record(5),
    'batches.meta.txt': Buffer.from(`${names.join('\n')}\n\n`),
  });
  const source = await openSource(join(folder, 'test_batch.bin'));
  assert.is(source.count, 1);
  assert.equal(source.classNames, names);
  assert.match(source.name, /-test-batch$/);
});

test('CIFAR-100: the training part of a folder with its fine classes; a file alone is known by its size', async () => {
  const fine = (label: number): Buffer => Buffer.concat([Buffer.of(19), record(label)]);
  const names = Array.from({ length: 100 }, (_, i) => `kind_${i}`);
  const folder = put({
    'train.bin': Buffer.concat([fine(3), fine(12)]),
    'test.bin': fine(5),
    'fine_label_names.txt': Buffer.from(names.join('\n')),
    'coarse_label_names.txt': Buffer.from('many\nfew\n'),
  });
  const source = await openSource(folder);
  assert.equal([source.kind, source.count], ['cifar-100', 2]);
  const images = await collected(source, 32);
  assert.equal(
    images.map(({ label }) => source.classNames![label]),
    ['kind_3', 'kind_12'],
  );
  assert.equal([...images[1]!.pixels.subarray(96, 99)], [0, 1, 120]);
  assert.is(await testPartOf(folder), join(folder, 'test.bin'));
  const alone = await openSource(join(put({ 'train.bin': fine(7) }), 'train.bin'));
  assert.equal([alone.kind, alone.classNames![7]], ['cifar-100', '7']);
  const python = put({ train: Buffer.of(1), test: Buffer.of(1), meta: Buffer.of(1) });
  await refuses(openSource(python), /CIFAR-100's Python version/);
});

test('CIFAR-100 as torchvision reads it: pixels, and two columns of labels, of which the fine one is the class', async () => {
  const { cifar100 } = JSON.parse(readFileSync('test/fixtures/binary-sets.json', 'utf8')) as {
    cifar100: { file: string; coarse: number[]; fine: number[]; sha256: string[] };
  };
  const outer = temporaryFolder();
  const folder = join(outer, 'cifar-100-binary');
  mkdirSync(folder);
  const coarse = Array.from({ length: 20 }, (_, i) => `group_${i}`);
  writeFileSync(join(folder, 'train.bin'), Buffer.from(cifar100.file, 'base64'));
  writeFileSync(join(folder, 'coarse_label_names.txt'), coarse.join('\n'));
  writeFileSync(
    join(folder, 'fine_label_names.txt'),
    Array.from({ length: 100 }, (_, i) => `f${i}`).join('\n'),
  );
  const source = await openSource(outer);
  assert.equal(
    [source.name, source.classColumn, source.classNames?.length],
    ['cifar-100-binary', 'fine', 100],
  );
  assert.equal(
    source.attributes?.map(({ name, kind, values }) => [name, kind, values?.at(-1)]),
    [
      ['coarse', 'categorical', 'group_19'],
      ['fine', 'categorical', 'f99'],
    ],
  );
  const images = await collected(source, 32);
  assert.equal(
    images.map(({ label }) => label),
    cifar100.fine,
  );
  assert.equal(
    images.map(({ attributes }) => [...attributes!]),
    cifar100.coarse.map((label, i) => [label, cifar100.fine[i]]),
  );
  assert.equal(
    images.map(({ pixels }) => createHash('sha256').update(pixels).digest('hex')),
    cifar100.sha256,
  );
  const classesOf = async (condition: 'none' | 'label', columns: readonly string[] | null) => {
    const used = await useColumns(source, { condition, columns });
    return (await collected(used, 32)).map(({ label }) => used.classNames![label]);
  };
  assert.equal(await classesOf('label', null), ['f99', 'f3']);
  assert.equal(await classesOf('none', null), ['f99', 'f3']);
  assert.equal(await classesOf('label', ['coarse']), ['group_11', 'group_19']);
  const odd = Buffer.from(cifar100.file, 'base64');
  odd[0] = 20;
  writeFileSync(join(folder, 'train.bin'), odd);
  await refuses(collected(await openSource(folder), 32), /record 0 has coarse label 20, expected 0 to 19/);
});

test('truncated files, impossible labels and the Python version are refused', async () => {
  await refuses(
    openSource(put({ 'data_batch_1.bin': record(1).subarray(0, 3000) })),
    /3000 bytes are not whole/,
  );
  await refuses(openSource(put({ 'data_batch_1.bin': new Uint8Array(0) })), /0 bytes are not whole/);
  const odd = await openSource(put({ 'data_batch_1.bin': record(11) }));
  await refuses(collected(odd, 32), /record 0 has class label 11, expected 0 to 9/);
  await refuses(
    openSource(put({ data_batch_1: Buffer.from('pickle') })),
    /Python version; give the folder of its binary/,
  );
});

test.run();
