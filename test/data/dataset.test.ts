// The decoded cache: made once, rebuilt when damaged, shared, bounded in memory; aborts and errors.
import { lengthOf, square } from '../../runtime-web/format/image-shape.ts';
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  openSync,
  readFileSync,
  readdirSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Dataset, OpenDatasetOptions } from '../../trainer/data/dataset.ts';
import { cacheFolder } from '../../trainer/files/cache-folder.ts';
import { datasetOf, openDataset } from '../../trainer/data/dataset.ts';
import type { ImageSource } from '../../trainer/data/source.ts';
import { developmentData } from '../shared/development-data.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { refuses } from './collected.ts';
import { numbered, syntheticSource } from './synthetic-source.ts';
import { skipIf } from '../shared/skip.ts';

const test = suite('openDataset()');
const open = (
  source: ImageSource,
  cacheFolder: string,
  more: Partial<OpenDatasetOptions> = {},
): Promise<Dataset> => datasetOf(source, { ...square(4), channels: 1, cacheFolder, ...more });

async function first4Bytes(dataset: Dataset, indices: readonly number[]): Promise<number[]> {
  const length = lengthOf(dataset);
  const target = new Uint8Array(indices.length * length);
  await dataset.readInto(indices, target);
  const view = new DataView(target.buffer);
  return indices.map((_, i) => view.getUint32(i * length, true));
}

/** Changes one byte of the only file in a folder. */
function damage(folder: string, position: number): void {
  const path = join(folder, readdirSync(folder)[0]!);
  const file = openSync(path, 'r+');
  const byte = readFileSync(path)[position]!;
  writeSync(file, Uint8Array.of(byte ^ 1), 0, 1, position);
  closeSync(file);
}

for (const memoryBytes of [0, 2 ** 20]) {
  const where = memoryBytes === 0 ? 'from the file' : 'from memory';
  test(`images, labels and attributes are read by index ${where}`, async () => {
    const source = syntheticSource({ count: 1000, classes: 3, attributes: 2 });
    const dataset = await open(source, temporaryFolder(), { memoryBytes });
    assert.equal([dataset.count, dataset.width, dataset.height, dataset.channels], [1000, 4, 4, 1]);
    assert.equal(dataset.classNames, ['class 0', 'class 1', 'class 2']);
    assert.equal(dataset.classCounts, [334, 333, 333]);
    assert.equal(dataset.attributeNames, ['attribute 0', 'attribute 1']);
    const target = new Uint8Array(3 * 16);
    const labels = new Int32Array(3);
    await dataset.readInto([999, 0, 500], target, labels);
    assert.equal([...target], [...numbered(999, 16), ...numbered(0, 16), ...numbered(500, 16)]);
    assert.equal([...labels], [0, 0, 2]);
    const values = new Float32Array(4);
    await dataset.readAttributes([7, 999], values);
    assert.equal([...values], [7, Math.fround(7.1), 999, Math.fround(999.1)]);
    await dataset.close();
  });

  test(`an index out of range and a target of another size are RangeErrors ${where}`, async () => {
    const dataset = await open(syntheticSource({ count: 10 }), temporaryFolder(), { memoryBytes });
    for (const index of [-1, 10, 0.5]) {
      const error = await dataset.readInto([index], new Uint8Array(16)).catch((caught: unknown) => caught);
      assert.instance(error, RangeError);
    }
    assert.instance(await dataset.readInto([1], new Uint8Array(15)).catch((e: unknown) => e), RangeError);
    assert.instance(
      await dataset.readAttributes([1], new Float32Array(1)).catch((e: unknown) => e),
      RangeError,
    );
    await dataset.close();
  });
}

test('images are decoded once: a second opening reads the cache', async () => {
  const folder = temporaryFolder();
  await (await open(syntheticSource({ count: 50 }), folder)).close();
  const again = syntheticSource({ count: 50 });
  const dataset = await open(again, folder);
  assert.is(again.rendered, 0);
  assert.equal(await first4Bytes(dataset, [49]), [49]);
  await dataset.close();
});

test('another size, other channels and other data are caches of their own', async () => {
  const folder = temporaryFolder();
  const opened = [
    await open(syntheticSource({ count: 5, channels: 3 }), folder),
    await open(syntheticSource({ count: 5, channels: 3 }), folder, square(8)),
    await open(syntheticSource({ count: 5, channels: 3 }), folder, { channels: 3 }),
    await open(syntheticSource({ count: 5, channels: 3, fingerprint: 'other' }), folder),
  ];
  assert.is(readdirSync(folder).length, 4);
  assert.is(new Set(opened.map(({ fingerprint }) => fingerprint)).size, 4);
  for (const dataset of opened) await dataset.close();
});

test('a truncated cache and one with any byte changed are written anew', async () => {
  const folder = temporaryFolder();
  const dataset = await open(syntheticSource({ count: 50, classes: 2 }), folder);
  await dataset.close();
  const path = join(folder, readdirSync(folder)[0]!);
  const size = readFileSync(path).length;
  const harms: (() => void)[] = [
    () => truncateSync(path, size - 1),
    () => truncateSync(path, 10),
    () => writeFileSync(path, ''),
    () => writeFileSync(path, 'something else, longer than a footer is, and not a cache'),
    // Magic, a pixel, a label, a checksum, the facts, the footer.
    ...[3, 8 + 20, 8 + 50 * 16 + 3, 8 + 50 * 20 + 3, 8 + 50 * 24 + 10, size - 14, size - 2].map(
      (position) => () => damage(folder, position),
    ),
  ];
  for (const [i, harm] of harms.entries()) {
    harm();
    const source = syntheticSource({ count: 50, classes: 2 });
    const mended = await open(source, folder);
    assert.is(source.rendered, 50, `harm ${i} was not noticed`);
    assert.equal(await first4Bytes(mended, [0, 1, 49]), [0, 1, 49]);
    await mended.close();
    assert.is(readFileSync(path).length, size);
  }
});

test('in a large cache, an image damaged later is noticed when it is read, and the others can be read', async () => {
  const folder = temporaryFolder();
  const dataset = await open(syntheticSource({ count: 50 }), folder, { memoryBytes: 0 });
  damage(folder, 8 + 20 * 16 + 5);
  await refuses(
    first4Bytes(dataset, [20]),
    /image 20 has been damaged since it was written; delete this file/,
  );
  assert.equal(await first4Bytes(dataset, [19, 21]), [19, 21]);
  await dataset.close();
});

test('unreadable images are left out, counted and named, also when the cache is opened again', async () => {
  const folder = temporaryFolder();
  const source = syntheticSource({ count: 100, classes: 2, isBad: (i) => i % 10 === 3 });
  for (let time = 0; time < 2; time++) {
    const dataset = await open(source, folder);
    assert.is(dataset.count, 90);
    assert.is(dataset.skipped.count, 10);
    assert.equal(
      dataset.skipped.names,
      [3, 13, 23, 33, 43, 53, 63, 73, 83, 93].map((i) => `${i}.png (broken)`),
    );
    assert.equal(dataset.classCounts, [50, 40]);
    assert.equal(await first4Bytes(dataset, [2, 3]), [2, 4]);
    await dataset.close();
  }
  assert.is(source.rendered, 100);
});

test('more than a tenth unreadable stops, with names, and leaves only the list of all', async () => {
  const folder = temporaryFolder();
  const source = syntheticSource({ count: 100, isBad: (i) => i < 11 });
  await refuses(
    open(source, folder),
    /11 of 100 images are unreadable, over a tenth: 0\.png \(broken\), .*4\.png \(broken\), …; remove or replace .*listed in .*unreadable\.txt/,
  );
  const [list, ...rest] = readdirSync(folder);
  assert.equal(rest, []);
  const lines = readFileSync(join(folder, list!), 'utf8').trim().split('\n');
  assert.equal(
    lines,
    Array.from({ length: 11 }, (_, i) => `${i}.png (broken)`),
  );
});

test('grey images as colour are refused; colour as grey is not', async () => {
  await refuses(
    open(syntheticSource({ count: 5, channels: 1 }), temporaryFolder(), { channels: 3 }),
    /--channels 3: the images of numbers are grey; use --channels 1/,
  );
  const dataset = await open(syntheticSource({ count: 5, channels: 3 }), temporaryFolder(), { channels: 1 });
  assert.is(dataset.channels, 1);
  await dataset.close();
});

test('an abort while decoding throws its reason and leaves nothing', async () => {
  const folder = temporaryFolder();
  const abort = new AbortController();
  const onRender = (i: number): void => (i === 500 ? abort.abort(new Error('enough')) : undefined);
  const error = await open(syntheticSource({ count: 100_000, onRender }), folder, {
    signal: abort.signal,
  }).catch((caught: unknown) => caught);
  assert.is((error as Error).message, 'enough');
  assert.equal(readdirSync(folder), []);
});

test('an error that is not about one image goes through, and leaves nothing', async () => {
  const folder = temporaryFolder();
  const onRender = (i: number): void => {
    if (i === 30) throw new Error('a defect');
  };
  const error = await open(syntheticSource({ count: 100, onRender }), folder).catch(
    (caught: unknown) => caught,
  );
  assert.is((error as Error).message, 'a defect');
  assert.equal(readdirSync(folder), []);
});

test('images are decoded some at a time, in bounded number, and stored in order however long each takes', async () => {
  let now = 0;
  let most = 0;
  const onRender = async (i: number): Promise<void> => {
    now += 1;
    most = Math.max(most, now);
    await new Promise((resolve) => setTimeout(resolve, (i * 7) % 5));
    now -= 1;
  };
  const dataset = await open(syntheticSource({ count: 60, onRender }), temporaryFolder());
  assert.ok(most >= 2 && most <= 256, `at most ${most} at once`);
  const all = Array.from({ length: 60 }, (_, i) => i);
  assert.equal(await first4Bytes(dataset, all), all);
  await dataset.close();
});

test('two that decode the same data at once both get whole images, and one file stays', async () => {
  const folder = temporaryFolder();
  const onRender = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const both = await Promise.all([1, 2].map(() => open(syntheticSource({ count: 300, onRender }), folder)));
  for (const dataset of both) {
    assert.equal(await first4Bytes(dataset, [0, 150, 299]), [0, 150, 299]);
    await dataset.close();
  }
  assert.is(readdirSync(folder).length, 1);
});

test('a temporary file of a process that died is removed after an hour, a recent one is left alone', async () => {
  const folder = temporaryFolder();
  await (await open(syntheticSource({ count: 5 }), folder)).close();
  const name = readdirSync(folder)[0]!;
  for (const [ending, age] of [
    ['.1-dead.tmp', 7200],
    ['.2-alive.tmp', 10],
  ] as const) {
    writeFileSync(join(folder, name + ending), 'half');
    utimesSync(join(folder, name + ending), Date.now() / 1000 - age, Date.now() / 1000 - age);
  }
  truncateSync(join(folder, name), 5);
  await (await open(syntheticSource({ count: 5 }), folder)).close();
  assert.equal(readdirSync(folder).sort(), [name, `${name}.2-alive.tmp`]);
});

test('a cache folder that cannot be made is refused with its path and what to do', async () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  await refuses(
    open(syntheticSource({ count: 5 }), join(file, 'cache')),
    /cannot be written there \(a part of the path is a file\)/,
    /DCGAN_CACHE/,
  );
});

const withUlimit = skipIf(process.platform === 'win32', 'needs ulimit', test);
withUlimit('a disk that is full while decoding is one line, and leaves nothing', () => {
  // A limit on file sizes stands for a full disk: the write fails in the same place.
  const cache = temporaryFolder();
  const command = `ulimit -f 20; exec '${process.execPath}' '${process.argv[1]!}' measure 10000 '${cache}'`;
  const child = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
  assert.is.not(child.status, 0);
  assert.match(
    child.stderr,
    /UserError: cache .*: the decoded images cannot be written there \(the file size limit is reached\)/,
  );
  assert.equal(readdirSync(cache), []);
});

test('progress counts every image, readable or not, and ends at the total', async () => {
  const seen: { done: number; total: number }[] = [];
  const options = { onProgress: (progress: { done: number; total: number }) => void seen.push(progress) };
  await (
    await open(syntheticSource({ count: 40, isBad: (i) => i === 7 }), temporaryFolder(), options)
  ).close();
  assert.equal(seen.at(-1), { done: 40, total: 40 });
});

test('the cache folder is $DCGAN_CACHE, or .cache/dcgan at home', () => {
  assert.is(cacheFolder({ DCGAN_CACHE: '/somewhere' }), '/somewhere');
  assert.match(cacheFolder({}), /[\\/]\.cache[\\/]dcgan$/);
});

test('avatars: as many as asked for, with their attributes', async () => {
  const dataset = await openDataset({
    data: 'avatars',
    ...square(16),
    channels: 3,
    cacheFolder: temporaryFolder(),
    avatarCount: 20,
  });
  assert.equal([dataset.count, dataset.name, dataset.classNames], [20, 'avatars', null]);
  const values = new Float32Array(2 * dataset.attributes!.length);
  await dataset.readAttributes([0, 19], values);
  for (const [i, { range }] of dataset.attributes!.entries())
    assert.ok(values[i]! >= range[0] && values[i]! <= range[1]);
  await dataset.close();
});

test('a million images take no more memory than ten thousand', () => {
  // In processes of their own, so that each one's memory is its own; with one size of V8's nursery, which grows
  // with the garbage of a long run and is larger in newer versions of Node.
  const peakMiB = (count: number): number => {
    const cache = temporaryFolder();
    const args = ['--max-semi-space-size=8', process.argv[1]!, 'measure', String(count), cache];
    const child = spawnSync(process.execPath, args, {
      encoding: 'utf8',
    });
    assert.is(child.status, 0, child.stderr);
    // If the development data are missing, that line is printed first.
    return Number(child.stdout.trim().split('\n').at(-1));
  };
  const few = peakMiB(10_000);
  const many = peakMiB(1_000_000);
  assert.ok(many < few + 96, `10,000 images: ${few} MiB, 1,000,000 images (256 MiB): ${many} MiB`);
});

const fashion = developmentData('fashion-mnist');
(fashion === null ? test.skip : test)('Fashion-MNIST at 32 pixels: 6,000 images of each class', async () => {
  const dataset = await openDataset({
    data: fashion!,
    ...square(32),
    channels: 1,
    cacheFolder: temporaryFolder(),
  });
  assert.is(dataset.count, 60_000);
  assert.equal(dataset.classCounts, new Array(10).fill(6000));
  await dataset.close();
});

/** Decodes `count` images of 16x16, reads batches from all over, and prints the most memory it took, in MiB. */
async function measure(count: number, cacheFolder: string): Promise<void> {
  const source = syntheticSource({ count });
  const options = { ...square(16), channels: 1, cacheFolder, memoryBytes: 2 ** 24 } as const;
  for (let time = 0; time < 2; time++) {
    const dataset = await datasetOf(source, options);
    const target = new Uint8Array(128 * 256);
    for (let batch = 0; batch < 200; batch++) {
      await dataset.readInto(
        Array.from({ length: 128 }, (_, i) => (batch * 7919 + i * 104_729) % count),
        target,
      );
    }
    await dataset.close();
  }
  process.stdout.write(String(Math.round(process.resourceUsage().maxRSS / 1024)));
}

if (process.argv[2] === 'measure') await measure(Number(process.argv[3]), process.argv[4]!);
else test.run();
