// Zips of images, including malicious archives.
import { square } from '../../runtime-web/format/image-shape.ts';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultFraming } from '../../trainer/data/framing.ts';
import { openSource } from '../../trainer/data/open-source.ts';
import { openZip } from '../../trainer/data/zip.ts';
import { developmentData } from '../shared/development-data.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { collected, refuses } from './collected.ts';
import type { ZipEntry } from './zip-bytes.ts';
import { zipBytes } from './zip-bytes.ts';

const test = suite('openZip()');
const png = (level: number): Promise<Buffer> =>
  sharp(new Uint8Array(192).fill(level), { raw: { width: 8, height: 8, channels: 3 } })
    .png()
    .toBuffer();

function written(bytes: Uint8Array, name = 'Some Faces.zip'): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, bytes);
  return path;
}

const zipped = (...entries: ZipEntry[]): string => written(zipBytes(entries));

test('packed and stored images come out with their classes; folders, other files and shadow copies do not', async () => {
  const path = zipped(
    { name: 'set/', data: new Uint8Array(0), stored: true },
    { name: 'set/b/1.png', data: await png(7) },
    { name: 'set/a/1.png', data: await png(5), stored: true },
    { name: 'set/notes.txt', data: Buffer.from('notes') },
    { name: '__MACOSX/set/a/._1.png', data: Buffer.from('shadow') },
  );
  const source = await openZip(path, '');
  assert.is(source.kind, 'zip');
  assert.is(source.name, 'some-faces');
  assert.equal(source.classNames, ['a', 'b']);
  const images = await collected(source, 8);
  assert.equal(
    images.map(({ name, label, pixels }) => [name, label, pixels[0]]),
    [
      ['set/a/1.png', 0, 5],
      ['set/b/1.png', 1, 7],
    ],
  );
  await source.close();
});

test('names without the flag of UTF-8, and decomposed ones, as macOS writes them, are read as what they say', async () => {
  const decomposed = 'caf\u00e9'.normalize('NFD');
  const path = zipped(
    { name: 'pictures/猫/1.png', data: await png(1), hasPlainName: true },
    { name: `pictures/${decomposed}/1.png`, data: await png(2), hasPlainName: true },
  );
  const source = await openSource(path);
  assert.equal(source.classNames, ['caf\u00e9', '猫']);
  const inside = await openSource(`${path}/pictures/caf\u00e9`);
  assert.equal((await collected(inside, 8))[0]!.pixels[0], 2);
  await source.close();
  await inside.close();
});

test('a folder inside a zip is a path of its own; one that is not there is refused', async () => {
  const path = zipped(
    { name: 'train/a/1.png', data: await png(1) },
    { name: 'train/b/1.png', data: await png(2) },
    { name: 'test/a/1.png', data: await png(3) },
    { name: 'test/b/1.png', data: await png(4) },
  );
  const levels = async (data: string): Promise<(number | undefined)[]> => {
    const source = await openSource(data);
    const images = await collected(source, 8);
    await source.close();
    return images.map(({ pixels }) => pixels[0]);
  };
  assert.equal(await levels(path), [1, 2], 'of train and test, train');
  assert.equal(await levels(`${path}/test`), [3, 4]);
  await refuses(openSource(`${path}/val`), /Some Faces\.zip\/val: no images/);
});

test('a file that is not a zip, a truncated one and an empty one are refused', async () => {
  const whole = zipBytes([{ name: '1.png', data: await png(1) }]);
  await refuses(
    openSource(written(Buffer.from('<html>404</html>'))),
    /not a whole zip file/,
    /download or copy it again/,
  );
  await refuses(openSource(written(whole.subarray(0, whole.length - 30))), /not a whole zip file/);
  await refuses(openSource(written(new Uint8Array(0))), /not a whole zip file/);
  await refuses(openSource(written(zipBytes([]))), /no images \(it is empty\)/);
});

test('one entry with a path outside makes the whole archive refused', async () => {
  for (const name of ['../evil.png', 'a/../../evil.png', '/etc/evil.png', 'C:/evil.png']) {
    const path = zipped({ name: 'good.png', data: await png(1) }, { name, data: await png(2) });
    await refuses(openZip(path, ''), /refused, an entry points outside/);
  }
});

test('bombs are refused: one that says so, one that lies, and one whose entries overlap', async () => {
  const zeros = new Uint8Array(20 * 2 ** 20);
  await refuses(
    openZip(zipped({ name: 'a.png', data: zeros }), ''),
    /'a\.png' would unpack from \d+ to 20971520 bytes/,
  );
  const huge = { name: 'a.png', data: await png(1), claimed: 300 * 2 ** 20 };
  await refuses(openZip(zipped(huge), ''), /as in a zip bomb/);
  const lying = zipped({ name: 'a.png', data: zeros, claimed: 1000 });
  await refuses(openZip(lying, ''), /unpacks to more than the 1000 bytes it declares/);
  const noise = Uint8Array.from({ length: 5000 }, (_, i) => (i * i * 31) >> 3);
  const copies = Array.from({ length: 20 }, (_, i) => ({
    name: `${i}.png`,
    data: noise,
    ...(i > 0 && { sameAs: 0 }),
  }));
  await refuses(openZip(zipped(...copies), ''), /its entries overlap/);
});

test('an encrypted image is refused', async () => {
  await refuses(
    openZip(zipped({ name: 'a.png', data: await png(1), flags: 1 }), ''),
    /'a\.png' is encrypted/,
  );
});

test('an entry shorter than declared, and one packed wrongly, are bad images', async () => {
  const whole = await png(1);
  const path = zipped(
    { name: '1.png', data: whole },
    { name: '2.png', data: whole, claimed: whole.length + 1 },
    { name: '3.png', data: new Uint8Array(0) },
  );
  const source = await openZip(path, '');
  const reasons: string[] = [];
  for await (const image of source.images()) {
    await Promise.resolve(image.render({ ...square(8), channels: 3, framing: defaultFraming })).catch(
      (error: Error) => reasons.push(`${image.name} ${error.message}`),
    );
  }
  assert.equal(reasons, ['2.png shorter than the zip says', '3.png empty file']);
  await source.close();
});

const cifar = developmentData('cifar10-jpeg.zip');
(cifar === null ? test.skip : test)(
  'CIFAR-10 (JPEG): 50,000 images of the train part, ten classes',
  async () => {
    const source = await openZip(cifar!, '');
    assert.is(source.count, 50_000);
    assert.is(source.classNames?.join(), 'airplane,automobile,bird,cat,deer,dog,frog,horse,ship,truck');
    assert.equal(source.naturalSize, { width: 32, height: 32 });
    let seen = 0;
    for await (const image of source.images()) {
      assert.is(image.name, `train/airplane/000${seen}.jpg`);
      assert.is((await image.render({ ...square(32), channels: 3, framing: defaultFraming })).length, 3072);
      seen += 1;
      if (seen === 5) break;
    }
    await source.close();
  },
);

test.run();
