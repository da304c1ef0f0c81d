// Folders of images: formats, depth, classes, and files that are no images.
import { square } from '../../runtime-web/format/image-shape.ts';
import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultFraming } from '../../trainer/data/framing.ts';
import { defaultConfig } from '../../trainer/config/fields.ts';
import { listFolder, openFolder } from '../../trainer/data/folder.ts';
import type { ImageSource, SourceImage } from '../../trainer/data/source.ts';
import { marked } from '../../trainer/pictures/mark.ts';
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
  put(other, 'in/1.png', await png(1));
  symlinkSync(put(other, '2.png', await png(2)), join(folder, '0.png'));
  symlinkSync(join(other, 'in'), join(folder, 'linked'));
  symlinkSync(folder, join(folder, 'again'));
  const images = await collected(await openFolder(folder), 8);
  assert.equal(
    images.map(({ name }) => name),
    ['0.png', 'linked/1.png'],
  );
});

test('one file under several names is one image, under its own name: links to files and folders, hard links', async () => {
  const folder = temporaryFolder();
  for (let i = 0; i < 3; i++) put(folder, `cats/${i}.png`, await png(i));
  symlinkSync('cats', join(folder, 'best'));
  symlinkSync('cats/0.png', join(folder, 'a.png'));
  mkdirSync(join(folder, 'z'));
  linkSync(join(folder, 'cats/1.png'), join(folder, 'z/1.png'));
  const listed = (await listFolder(folder)).images.map(({ path }) => path);
  assert.equal(listed, ['cats/0.png', 'cats/1.png', 'cats/2.png']);
  // Files outside that are reached by two links are one image too.
  const two = temporaryFolder();
  symlinkSync(join(folder, 'cats'), join(two, 'b'));
  symlinkSync(join(folder, 'cats/2.png'), join(two, 'a.png'));
  const linked = (await listFolder(two)).images.map(({ path }) => path);
  assert.equal(linked, ['a.png', 'b/0.png', 'b/1.png']);
});

test('the program’s own output is never data: runs, packages, findings, marked pictures of a default name', async () => {
  const folder = temporaryFolder();
  const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));
  for (let i = 0; i < 40; i++) put(folder, `${i}.png`, await png(i));
  put(folder, 'runs/00001-x-dcgan/config.json', json({ ...defaultConfig }));
  put(folder, 'runs/00001-x-dcgan/samples/step-000500.png', await png(1));
  mkdirSync(join(folder, 'runs/00001-x-dcgan/checkpoints'));
  put(folder, 'page/model/model.json', json({ latent: {}, files: {} }));
  put(folder, 'page/model/generator.onnx', Buffer.from('x'));
  put(folder, 'page/model/preview.png', await png(1));
  put(folder, 'x-duplicates/finding.json', json({ name: 'dedupe', pictures: [{ file: 'groups.png' }] }));
  put(folder, 'x-duplicates/groups.png', await png(1));
  put(folder, 'x-duplicates/images/7.png', await png(7));
  put(folder, 'samples.png', marked(await png(1)));
  // The user's own files that only look like it.
  put(folder, 'walk.png', await png(1));
  put(folder, 'cats/finding.json', json({ name: 'visualise', pictures: [{ file: 'kernels.png' }] }));
  put(folder, 'cats/kernels.png', await png(1));
  put(folder, 'cats/images/1.png', await png(1));
  put(folder, 'project/config.json', json({ lr: 1 }));
  put(folder, 'project/checkpoints/1.png', await png(1));
  const { images } = await listFolder(folder);
  assert.is(images.length, 43);
  const rest = images.map(({ path }) => path).filter((path) => !/^\d+\.png$/.test(path));
  assert.equal(rest, ['cats/images/1.png', 'project/checkpoints/1.png', 'walk.png']);
  await refuses(
    listFolder(join(folder, 'runs/00001-x-dcgan')),
    /the folder of a run/,
    /give a folder of images/,
  );
  assert.is((await listFolder(join(folder, 'x-duplicates/images'))).images.length, 1);
});

const allImages = async (source: ImageSource): Promise<SourceImage[]> => {
  const images: SourceImage[] = [];
  for await (const image of source.images()) images.push(image);
  return images;
};

test('a marked grid of any name is left out when it is decoded', async () => {
  const folder = temporaryFolder();
  const grid = marked(await png(5));
  put(folder, 'my-grid.png', grid);
  const [image] = await allImages(await openFolder(folder));
  const error = await Promise.resolve(
    image!.render({ ...square(8), channels: 3, framing: defaultFraming }),
  ).catch((caught: unknown) => caught);
  assert.is((error as Error).message, 'a grid that this program made');
  const { data, info } = await sharp(grid).raw().toBuffer({ resolveWithObject: true });
  assert.equal([data[0], info.width], [5, 8]);
});

test('the fingerprint follows names, sizes and times, and not the folder’s place', async () => {
  const root = temporaryFolder();
  const fingerprint = async (folder: string): Promise<string> => (await openFolder(folder)).fingerprint;
  const here = join(root, 'here');
  const path = put(here, '1.png', await png(1));
  utimesSync(path, 1000, 1000);
  const plain = await fingerprint(here);
  assert.is(await fingerprint(here), plain);
  const there = join(root, 'there');
  renameSync(here, there);
  assert.is(await fingerprint(there), plain);
  const moved = join(there, '1.png');
  utimesSync(moved, 1000, 1001);
  assert.is.not(await fingerprint(there), plain);
  // Other content with the same size and date.
  await delay(20);
  const bytes = readFileSync(moved);
  bytes[bytes.length - 20]! ^= 1;
  writeFileSync(moved, bytes);
  utimesSync(moved, 1000, 1000);
  assert.is.not(await fingerprint(there), plain);
  utimesSync(moved, 1000, 1000);
  put(there, '2.png', await png(7));
  assert.is.not(await fingerprint(there), plain);
});

test('an empty folder, and one without images, are refused with what was found', async () => {
  await refuses(
    openFolder(temporaryFolder()),
    /no images \(it is empty\)/,
    /expected PNG, JPEG, WebP, GIF, BMP, TIFF or AVIF/,
  );
  const folder = temporaryFolder();
  for (const name of ['1.jxl', '2.jxl', 'x']) put(folder, name, Buffer.from('.'));
  await refuses(openFolder(folder), /other files: 2 \.jxl, 1 without an extension/);
});

test('a file that vanished meanwhile is one bad image', async () => {
  const folder = temporaryFolder();
  put(folder, '1.png', await png(1));
  symlinkSync(join(folder, 'nowhere.png'), join(folder, '2.png'));
  const names: string[] = [];
  for await (const image of (await openFolder(folder)).images()) {
    await Promise.resolve(image.render({ ...square(8), channels: 3, framing: defaultFraming })).catch(
      (error: Error) => names.push(`${image.name}: ${error.message}`),
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
