// Folders of images: formats, depth, classes, and files that are no images.
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openFolder } from '../../trainer/data/folder.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { collected, refuses } from './collected.ts';

const test = suite('openFolder()');
const png = (level: number, channels: 1 | 3 = 3): Promise<Buffer> =>
  sharp(new Uint8Array(64 * channels).fill(level), { raw: { width: 8, height: 8, channels } })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .png()
    .toBuffer();

function put(folder: string, path: string, bytes: Uint8Array): string {
  const full = join(folder, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, bytes);
  return full;
}

test('images at any depth, with their classes, in order of path; other and hidden files are passed over', async () => {
  const folder = temporaryFolder();
  put(folder, 'b/deep/2.PNG', await png(2));
  put(folder, 'a/1.png', await png(1));
  put(folder, 'b/1.png', await png(3));
  put(folder, 'readme.txt', Buffer.from('hello'));
  put(folder, 'a/.hidden.png', await png(9));
  put(folder, '.cache/9.png', await png(9));
  const source = await openFolder(folder);
  assert.is(source.count, 3);
  assert.equal(source.classNames, ['a', 'b']);
  assert.is(source.channels, 3);
  assert.equal(source.naturalSize, { width: 8, height: 8 });
  const images = await collected(source, 8);
  assert.equal(
    images.map(({ name, label, pixels }) => [name, label, pixels[0]]),
    [
      ['a/1.png', 0, 1],
      ['b/1.png', 1, 3],
      ['b/deep/2.PNG', 1, 2],
    ],
  );
});

test('grey when every image is grey, colour when one is not', async () => {
  const folder = temporaryFolder();
  put(folder, '1.png', await png(1, 1));
  put(folder, '2.png', await png(2, 1));
  assert.is((await openFolder(folder)).channels, 1);
  put(folder, '3.png', await png(3, 3));
  assert.is((await openFolder(folder)).channels, 3);
});

test('one image in colour among many grey ones makes the folder one of colour, wherever it stands', async () => {
  const folder = temporaryFolder();
  for (let i = 0; i < 40; i++) put(folder, `${10 + i}.png`, await png(i, i === 37 ? 3 : 1));
  assert.is((await openFolder(folder)).channels, 3);
  const alternating = temporaryFolder();
  for (let i = 0; i < 32; i++) put(alternating, `${10 + i}.png`, await png(i, i % 2 === 0 ? 1 : 3));
  assert.is((await openFolder(alternating)).channels, 3);
});

test('links to files and folders are followed, once: a link to a folder above does not loop', async () => {
  const folder = temporaryFolder();
  const other = temporaryFolder();
  const file = put(other, 'in/1.png', await png(1));
  symlinkSync(file, join(folder, '0.png'));
  symlinkSync(join(other, 'in'), join(folder, 'linked'));
  symlinkSync(folder, join(folder, 'again'));
  const images = await collected(await openFolder(folder), 8);
  assert.equal(
    images.map(({ name }) => name),
    ['0.png', 'linked/1.png'],
  );
});

test('the fingerprint follows names, sizes and times, and not the folder’s place', async () => {
  const fingerprint = async (change?: (folder: string) => void): Promise<string> => {
    const folder = temporaryFolder();
    const path = put(folder, '1.png', await png(1));
    utimesSync(path, 1000, 1000);
    change?.(folder);
    return (await openFolder(folder)).fingerprint;
  };
  const other = await png(7);
  const plain = await fingerprint();
  assert.is(await fingerprint(), plain);
  assert.is.not(await fingerprint((folder) => utimesSync(join(folder, '1.png'), 1000, 1001)), plain);
  assert.is.not(await fingerprint((folder) => void put(folder, '2.png', other)), plain);
});

test('an empty folder, and one without images, are refused with what was found', async () => {
  await refuses(
    openFolder(temporaryFolder()),
    /no images \(it is empty\)/,
    /expected PNG, JPEG, WebP or GIF/,
  );
  const folder = temporaryFolder();
  for (const name of ['1.bmp', '2.bmp', 'x']) put(folder, name, Buffer.from('.'));
  await refuses(openFolder(folder), /other files: 2 \.bmp, 1 without an extension/);
});

test('a file that vanished meanwhile is one bad image', async () => {
  const folder = temporaryFolder();
  put(folder, '1.png', await png(1));
  symlinkSync(join(folder, 'nowhere.png'), join(folder, '2.png'));
  const names: string[] = [];
  for await (const image of (await openFolder(folder)).images()) {
    await Promise.resolve(image.render(8, 3)).catch((error: Error) =>
      names.push(`${image.name}: ${error.message}`),
    );
  }
  assert.equal(names, ['2.png: no such file']);
});

test('stops when aborted', async () => {
  const folder = temporaryFolder();
  put(folder, '1.png', await png(1));
  const source = await openFolder(folder);
  const images = source.images(AbortSignal.abort(new Error('enough')))[Symbol.asyncIterator]();
  const error = await images.next().catch((caught: unknown) => caught);
  assert.is((error as Error).message, 'enough');
});

test.run();
