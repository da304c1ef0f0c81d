// The bytes that leave a page: hashes, archives, pictures and files of a generator, as other programs read them.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { generatorFile } from '../../../runtime-web/training/generator-file.ts';
import { crc32 } from '../../../runtime-web/format/crc32.ts';
import { pngOf } from '../../../runtime-web/training/png.ts';
import { computed, sha256Of } from '../../../runtime-web/training/sha256.ts';
import { straight } from '../../../runtime-web/training/run-folder.ts';
import { zipOf } from '../../../runtime-web/format/zip.ts';
import { premultiply } from '../../../runtime-web/format/premultiply.ts';
import { eachEntry, nameOf, openArchive, readEntry } from '../../../trainer/data/zip-archive.ts';
import { encodeTraining } from '../../../trainer/export/training-files.ts';
import { planTraining } from '../../../trainer/training/plan.ts';
import { randomState } from '../../export/random-state.ts';
import { smallConfig } from '../../shared/small-config.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';

const test = suite('bytes that leave a page');

const bytesOf = (length: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, i) => (i * i * 31 + 7 * i) % 256);

test("hashes are Node's, at every length around a block's end", async () => {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000]) {
    const bytes = bytesOf(length);
    const expected = createHash('sha256').update(bytes).digest('hex');
    assert.is(Buffer.from(computed(bytes)).toString('hex'), expected, `${length}`);
    assert.is(await sha256Of(bytes), expected);
  }
});

test('an archive is read by another program, with names in any script', async () => {
  const path = join(temporaryFolder(), 'made.zip');
  const files = [
    { path: 'run/config.json', bytes: bytesOf(70_000) },
    { path: 'run/pictures/größe 猫/0.png', bytes: bytesOf(3) },
    { path: 'run/empty', bytes: bytesOf(0) },
  ];
  writeFileSync(path, zipOf(files, new Date(2026, 1, 3, 4, 5, 6)));
  const archive = await openArchive(path, path);
  const found: (readonly [string, Uint8Array])[] = [];
  const entries: Parameters<Parameters<typeof eachEntry>[1]>[0][] = [];
  await eachEntry(archive, (entry) => void entries.push(entry));
  for (const entry of entries) {
    found.push([nameOf(entry), Uint8Array.from(await readEntry(archive, entry))]);
    assert.equal(entry.getLastModDate({ timezone: 'local' } as never), new Date(2026, 1, 3, 4, 5, 6));
  }
  archive.zip.close();
  assert.equal(
    found,
    files.map(({ path: name, bytes }) => [name, bytes]),
  );
});

test('an archive of more than 65,535 files is read by another program', async () => {
  const path = join(temporaryFolder(), 'many.zip');
  const count = 66_000;
  writeFileSync(path, zipOf(Array.from({ length: count }, (_, i) => ({ path: `${i}`, bytes: bytesOf(1) }))));
  const archive = await openArchive(path, path);
  let last = '';
  let found = 0;
  await eachEntry(archive, (entry) => {
    last = nameOf(entry);
    found += 1;
  });
  archive.zip.close();
  assert.equal([found, last], [count, `${count - 1}`]);
});

test('pictures of every kind have their pixels, and transparent ones come back as they were', async () => {
  for (const channels of [1, 3, 4] as const) {
    const shape = { width: 5, height: 3, channels };
    const pixels = bytesOf(15 * channels);
    const decoded = await sharp(await pngOf(pixels, shape))
      .raw()
      .toBuffer({ resolveWithObject: true });
    assert.equal([decoded.info.width, decoded.info.height], [5, 3]);
    const own = Array.from({ length: 15 }, (_, i) =>
      Array.from(decoded.data.subarray(i * decoded.info.channels, i * decoded.info.channels + channels)),
    );
    assert.equal(own.flat(), Array.from(pixels));
  }
  const premultiplied = premultiply(bytesOf(256));
  assert.equal(premultiply(straight(premultiplied, 4)), premultiplied);
  // The check value of the algorithm's catalogue, for the text 123456789.
  assert.is(crc32(new TextEncoder().encode('123456789')), 0xcbf43926);
});

test("a generator's file draws what the sampling graph draws from the state", async () => {
  const plan = planTraining(smallConfig);
  const state = randomState(smallConfig) as Parameters<typeof generatorFile>[1];
  const sample = encodeTraining(plan, 'tiny').get('sample')!;
  const z = new ort.Tensor(
    'float32',
    Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)),
    [3, 8],
  );
  const file = await ort.InferenceSession.create(generatorFile(sample, state));
  assert.equal([file.inputNames, file.outputNames], [['z'], ['images']]);
  const graph = await ort.InferenceSession.create(sample);
  const feeds = graph.inputNames.map((name) => {
    const { data, shape } = state[name] ?? { data: null, shape: [] };
    return [name, data === null ? z : new ort.Tensor('float32', data, shape as number[])] as const;
  });
  const { images } = await file.run({ z });
  const expected = (await graph.run(Object.fromEntries(feeds)))['output/images']!;
  assert.equal(images!.dims, expected.dims);
  const worst = (images!.data as Float32Array).reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (expected.data[i] as number))),
    0,
  );
  assert.ok(worst < 1e-5, `${worst}`);
  assert.throws(() => generatorFile(sample, {}), /takes .*, which the state lacks/);
  assert.throws(() => generatorFile(bytesOf(40), state), /no ONNX file; copy it again/);
});

test.run();
