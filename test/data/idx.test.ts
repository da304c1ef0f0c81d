// IDX, from bytes built by hand: gzipped or not, labels beside images, and refusals.
import { square } from '../../runtime-web/format/image-shape.ts';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultFraming } from '../../trainer/data/framing.ts';
import { openSource } from '../../trainer/data/open-source.ts';
import { slug } from '../../trainer/data/source-name.ts';
import { testPartOf } from '../../trainer/data/test-part.ts';
import { developmentData } from '../shared/development-data.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { collected, refuses } from './collected.ts';
import { idxBytes } from './idx-bytes.ts';

const test = suite('openIdx()');
const three = Uint8Array.from({ length: 3 * 16 }, (_, i) => i);

function put(files: Readonly<Record<string, Uint8Array>>): string {
  const folder = temporaryFolder();
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  return folder;
}

test('a folder of four files gives the train part with its labels, gzipped or not', async () => {
  for (const pack of [(bytes: Uint8Array) => bytes, gzipSync]) {
    const ending = pack === gzipSync ? '.gz' : '';
    const folder = put({
      [`train-images-idx3-ubyte${ending}`]: pack(idxBytes([3, 4, 4], three)),
      [`train-labels-idx1-ubyte${ending}`]: pack(idxBytes([3], Uint8Array.of(2, 0, 1))),
      [`t10k-images-idx3-ubyte${ending}`]: pack(idxBytes([1, 4, 4], three.subarray(16, 32))),
      [`t10k-labels-idx1-ubyte${ending}`]: pack(idxBytes([1], Uint8Array.of(1))),
    });
    const train = await openSource(folder);
    assert.equal([train.kind, train.count, train.channels], ['idx', 3, 1]);
    assert.equal(train.naturalSize, { width: 4, height: 4 });
    assert.equal(train.classNames, ['0', '1', '2']);
    const images = await collected(train, 4);
    assert.equal(
      images.map(({ label }) => label),
      [2, 0, 1],
    );
    assert.equal([...images[1]!.pixels], [...three.subarray(16, 32)]);
    const held = await openSource(join(folder, `t10k-images-idx3-ubyte${ending}`));
    assert.is(held.count, 1);
    assert.match(held.name, /-t10k$/);
    assert.equal(
      (await collected(held, 4)).map(({ label }) => held.classNames![label]),
      ['1'],
    );
  }
});

test('images without labels have no classes; the dotted names of some mirrors are known', async () => {
  const folder = put({ 'train-images.idx3-ubyte': idxBytes([3, 4, 4], three) });
  const source = await openSource(folder);
  assert.is(source.classNames, null);
  assert.equal(
    (await collected(source, 4)).map(({ label }) => label),
    [-1, -1, -1],
  );
});

test('four dimensions with three channels are colour', async () => {
  const folder = put({ 'x-images-idx4-ubyte': idxBytes([1, 2, 2, 3], three.subarray(0, 12)) });
  const source = await openSource(folder);
  assert.is(source.channels, 3);
  assert.equal([...(await collected(source, 2))[0]!.pixels], [...three.subarray(0, 12)]);
});

test('EMNIST: labels from 1 make no empty class, and the transposed images are turned upright, said', async () => {
  const folder = put({
    'emnist-letters-train-images-idx3-ubyte': idxBytes([3, 4, 4], three),
    'emnist-letters-train-labels-idx1-ubyte': idxBytes([3], Uint8Array.of(3, 1, 2)),
  });
  const source = await openSource(folder);
  assert.equal(source.classNames, ['1', '2', '3']);
  const images = await collected(source, 4);
  assert.equal(
    images.map(({ label }) => label),
    [2, 0, 1],
  );
  assert.equal([...images[0]!.pixels], [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15]);
  assert.match(source.notes!.join(), /transposed.*upright/);
});

test('QMNIST: the class is the first of eight numbers; missing labels are said', async () => {
  const rows = Buffer.alloc(3 * 32);
  [7, 0, 9].forEach((label, i) => {
    rows.writeInt32BE(label, 32 * i);
    rows.writeInt32BE(2_000_000, 32 * i + 8);
  });
  const header = Buffer.from('00000c020000000300000008', 'hex');
  const images = { 'qmnist-train-images-idx3-ubyte.gz': gzipSync(idxBytes([3, 4, 4], three)) };
  const labels = gzipSync(Buffer.concat([header, rows]));
  const source = await openSource(put({ ...images, 'qmnist-train-labels-idx2-int.gz': labels }));
  const found = await collected(source, 4);
  assert.equal(
    found.map(({ label }) => source.classNames![label]),
    ['7', '0', '9'],
  );
  assert.equal(source.notes, []);
  const cut = gzipSync(Buffer.concat([header, rows.subarray(0, 40)]));
  await refuses(openSource(put({ ...images, 'qmnist-train-labels-idx2-int.gz': cut })), /holds 1 of the 3/);
  assert.match((await openSource(put(images))).notes!.join(), /no file of labels beside it/);
});

test('Kaggle’s MNIST: files beside folders of nearly their names, or in them only', async () => {
  for (const hasFiles of [true, false]) {
    const folder = temporaryFolder();
    for (const [part, size] of [
      ['train', 3],
      ['t10k', 1],
    ] as const) {
      const files = {
        [`${part}-images-idx3-ubyte`]: idxBytes([size, 4, 4], three.subarray(0, 16 * size)),
        [`${part}-labels-idx1-ubyte`]: idxBytes([size], Uint8Array.of(2, 0, 1).subarray(0, size)),
      };
      for (const [name, bytes] of Object.entries(files)) {
        mkdirSync(join(folder, name));
        writeFileSync(join(folder, name, name), bytes);
        if (hasFiles) writeFileSync(join(folder, name.replace('-idx', '.idx')), bytes);
      }
    }
    const source = await openSource(folder);
    assert.equal([source.count, source.classNames], [3, ['0', '1', '2']]);
    assert.is(source.name, slug(basename(folder)));
    const test = await openSource((await testPartOf(folder))!);
    assert.equal([test.count, test.classNames], [1, ['2']]);
  }
});

test('several train parts are refused with their names', async () => {
  const images = idxBytes([1, 4, 4], three.subarray(0, 16));
  const folder = put({ 'a-train-images-idx3-ubyte': images, 'b-train-images-idx3-ubyte': images });
  await refuses(openSource(folder), /several sets of images \(a-train.*, b-train.*\); give one of these/);
});

test('another magic, a file of labels, a short header and absurd sizes are refused', async () => {
  const open = (bytes: Uint8Array): Promise<unknown> =>
    openSource(join(put({ 'images-idx3-ubyte': bytes }), 'images-idx3-ubyte'));
  await refuses(open(Buffer.from('<html>')), /magic 0x00000803\), got 0x3c68746d/);
  await refuses(open(idxBytes([3], three)), /this is a file of labels/);
  await refuses(open(idxBytes([3, 4, 4], three).subarray(0, 3)), /shorter than that/);
  await refuses(open(idxBytes([3, 4, 4], three).subarray(0, 10)), /truncated within its header/);
  await refuses(open(idxBytes([3, 4, 100_000], three)), /images of 100000x4x1/);
  await refuses(open(idxBytes([0, 4, 4], three)), /0 images/);
  await refuses(open(idxBytes([1, 2, 2, 2], three)), /1 or 3 channels/);
});

test('counts that the file cannot hold are refused before memory is taken for them', async () => {
  const many = 2 ** 32 - 1;
  const labels = gzipSync(idxBytes([many], new Uint8Array(2 ** 20)));
  const images = idxBytes([many, 1, 1], new Uint8Array(9));
  await refuses(
    openSource(join(put({ 'train-images-idx3-ubyte': images }), 'train-images-idx3-ubyte')),
    /holds 9 of the 4294967295 images/,
  );
  const packed = put({
    'train-images-idx3-ubyte.gz': gzipSync(images),
    'train-labels-idx1-ubyte.gz': labels,
  });
  await refuses(openSource(packed), /of the 4294967295 images/);
});

test('truncated and overlong files are refused, packed or not, when they are read', async () => {
  const read = async (bytes: Uint8Array): Promise<unknown> =>
    collected(await openSource(put({ 'images-idx3-ubyte': bytes })), 4);
  const whole = idxBytes([3, 4, 4], three);
  await refuses(read(whole.subarray(0, whole.length - 1)), /truncated, holds 2 of the 3 images/);
  await refuses(read(Buffer.concat([whole, three])), /longer than the 3 images of 4x4/);
  const noise = Uint8Array.from({ length: 64 * 256 }, (_, i) => (i * i * 31) >> 3);
  const packed = gzipSync(idxBytes([64, 16, 16], noise));
  await refuses(read(packed.subarray(0, packed.length / 2)), /truncated, holds \d+ of the 64 images/);
  const damaged = Buffer.from(packed);
  damaged.fill(0xff, 100, 300);
  await refuses(read(damaged), /cannot be unpacked or read|truncated/);
});

test('labels of another magic, another count or cut short are refused', async () => {
  const open = (labels: Uint8Array): Promise<unknown> =>
    openSource(put({ 'images-idx3-ubyte': idxBytes([3, 4, 4], three), 'labels-idx1-ubyte': labels }));
  await refuses(open(idxBytes([1, 4, 4], three)), /expected an IDX file of labels/);
  await refuses(open(idxBytes([2], three)), /2 labels for 3 images/);
  await refuses(open(idxBytes([3], three.subarray(0, 2))), /truncated, holds 2 of the 3 labels/);
  await refuses(open(idxBytes([3], three)), /longer than the 3 labels/);
});

test('the fingerprint follows the content of images and labels', async () => {
  const fingerprint = async (labels: Uint8Array): Promise<string> =>
    (await openSource(put({ 'images-idx3-ubyte': idxBytes([3, 4, 4], three), 'labels-idx1-ubyte': labels })))
      .fingerprint;
  const plain = await fingerprint(idxBytes([3], Uint8Array.of(0, 1, 2)));
  assert.is(await fingerprint(idxBytes([3], Uint8Array.of(0, 1, 2))), plain);
  assert.is.not(await fingerprint(idxBytes([3], Uint8Array.of(0, 1, 1))), plain);
});

const fashion = developmentData('fashion-mnist');
(fashion === null ? test.skip : test)(
  'Fashion-MNIST: 60,000 images, ten classes, the pixels of the file',
  async () => {
    const source = await openSource(fashion!);
    assert.equal([source.count, source.channels, source.name], [60_000, 1, 'fashion-mnist']);
    assert.is(source.classNames?.length, 10);
    const file = gunzipSync(readFileSync(join(fashion!, 'train-images-idx3-ubyte.gz')));
    const labels = gunzipSync(readFileSync(join(fashion!, 'train-labels-idx1-ubyte.gz')));
    let i = 0;
    for await (const image of source.images()) {
      if (i % 9973 === 0) {
        assert.is(image.label, labels[8 + i]);
        const pixels = await image.render({ ...square(28), channels: 1, framing: defaultFraming });
        assert.ok(Buffer.from(pixels).equals(file.subarray(16 + i * 784, 16 + (i + 1) * 784)));
      }
      i += 1;
    }
    assert.is(i, 60_000);
  },
);

test.run();
