// CelebA's folder and attribute list, from files made here.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openSource } from '../../trainer/data/open-source.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { collected, refuses } from './collected.ts';

const test = suite('openCeleba()');
const list = '3\nBald Smiling Young\n000001.jpg -1  1 1\n000002.jpg  1 -1 1\n000003.jpg -1 -1 -1\n';

async function celeba(text: string, names = ['000001.jpg', '000002.jpg', '000009.jpg']): Promise<string> {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'img_align_celeba'));
  for (const [i, name] of names.entries()) {
    const pixels = new Uint8Array(178 * 218 * 3).fill(50 * i);
    const image = sharp(pixels, { raw: { width: 178, height: 218, channels: 3 } });
    writeFileSync(join(folder, 'img_align_celeba', name), await image.jpeg().toBuffer());
  }
  writeFileSync(join(folder, 'list_attr_celeba.txt'), text);
  return folder;
}

test('the listed images with their attributes, from either folder; unlisted ones are left out', async () => {
  const folder = await celeba(list);
  for (const data of [folder, join(folder, 'img_align_celeba')]) {
    const source = await openSource(data);
    assert.equal([source.kind, source.name, source.count], ['celeba', 'celeba', 2]);
    assert.equal(
      source.attributes?.map(({ name, kind }) => `${name} ${kind}`),
      ['Bald binary', 'Smiling binary', 'Young binary'],
    );
    assert.equal(source.naturalSize, { width: 178, height: 218 });
    const images = await collected(source, 16);
    assert.equal(
      images.map(({ attributes }) => [...attributes!]),
      [
        [0, 1, 1],
        [1, 0, 1],
      ],
    );
    assert.ok(Math.abs(images[1]!.pixels[0]! - 50) < 3);
  }
});

test('the list as CSV, in Anno/ with the images in Img/, one folder deeper, and images in PNG keep their attributes', async () => {
  const csv = 'image_id,Bald,Smiling,Young\r\n000001.jpg,-1,1,1\r\n000002.jpg,1,-1,1\r\n';
  const layouts: readonly (readonly [list: string, text: string, images: string])[] = [
    ['list_attr_celeba.csv', csv, 'img_align_celeba/img_align_celeba'],
    ['Anno/list_attr_celeba.txt', list, 'Img/img_align_celeba'],
    ['list_attr_celeba.txt', list, 'img_align_celeba_png'],
    ['Anno/list_attr_celeba.txt', list, 'Img/img_align_celeba_png.7z/img_align_celeba_png'],
  ];
  for (const [listPath, text, images] of layouts) {
    const folder = temporaryFolder();
    for (const path of [images, dirname(listPath)]) mkdirSync(join(folder, path), { recursive: true });
    writeFileSync(join(folder, listPath), text);
    const ending = images.includes('png') ? 'png' : 'jpg';
    for (const name of ['000001', '000002']) {
      const image = sharp(new Uint8Array(64 * 3), { raw: { width: 8, height: 8, channels: 3 } });
      await image.toFile(join(folder, images, `${name}.${ending}`));
    }
    for (const data of [folder, join(folder, images)]) {
      const source = await openSource(data);
      assert.equal([source.kind, source.count], ['celeba', 2], `${data} of ${listPath}`);
      assert.equal(
        (await collected(source, 8)).map(({ attributes }) => [...attributes!]),
        [
          [0, 1, 1],
          [1, 0, 1],
        ],
      );
    }
  }
});

test('images without their list are said to have no attributes', async () => {
  const folder = await celeba(list);
  rmSync(join(folder, 'list_attr_celeba.txt'));
  for (const data of [folder, join(folder, 'img_align_celeba')]) {
    assert.match(
      (await openSource(data)).notes!.join(),
      /CelebA without its list.*no attributes; put list_attr_celeba\.txt/,
    );
  }
});

test('a list cut short, an empty one and one of other images are refused', async () => {
  await refuses(openSource(await celeba(list.slice(0, -6))), /line 5 has 1 values, expected 3/);
  await refuses(openSource(await celeba('3\nBald Smiling Young\n')), /no labels; expected a table/);
  await refuses(openSource(await celeba(list, ['x.jpg'])), /none of its 3 files .* is among the 1 images/);
});

test('without the list it is a plain folder of images', async () => {
  const folder = await celeba(list);
  rmSync(join(folder, 'list_attr_celeba.txt'));
  const source = await openSource(folder);
  assert.equal([source.kind, source.count, source.attributes], ['folder', 3, null]);
});

test.run();
