// CelebA's folder and attribute list, from files made here.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

test('a list cut short, an empty one and one of other images are refused', async () => {
  await refuses(openSource(await celeba(list.slice(0, -6))), /line 5 has 1 values, expected 3/);
  await refuses(openSource(await celeba('3\nBald Smiling Young\n')), /no attributes/);
  await refuses(openSource(await celeba(list, ['x.jpg'])), /none of its 1 images is named/);
});

test('without the list it is a plain folder of images', async () => {
  const folder = await celeba(list);
  rmSync(join(folder, 'list_attr_celeba.txt'));
  const source = await openSource(folder);
  assert.equal([source.kind, source.count, source.attributes], ['folder', 3, null]);
});

test.run();
