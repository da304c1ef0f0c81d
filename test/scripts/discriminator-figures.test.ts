// The discriminators' figures that the demo shows, against the shipped files on the demo's own held-out images.
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { discriminatorFigures, type DiscriminatorFigures } from '../../scripts/discriminator-figures.ts';
import { openPackage } from '../../trainer/model-package/read-package.ts';
import { toFloats } from '../../trainer/pictures/pixels.ts';

const test = suite('discriminator figures');

/** The part of pictures.json that is read here. */
interface ModelPictures {
  readonly heldOut: { readonly file: string; readonly count: number; readonly columns: number };
  readonly discriminator: DiscriminatorFigures;
}

/** The demo's real images of a model, [count, size, size, channels] in [-1, 1]. */
async function heldOutOf(name: string, size: number, channels: number, { heldOut }: ModelPictures) {
  const { count, columns, file } = heldOut;
  const sheet = sharp(`demo/pictures/${name}/${file}`).toColourspace(channels === 1 ? 'b-w' : 'srgb');
  const bytes = await sheet.removeAlpha().raw().toBuffer();
  const row = columns * size * channels;
  const pixels = Uint8Array.from({ length: count * size * size * channels }, (_, k) => {
    const [image, at] = [Math.floor(k / (size * size * channels)), k % (size * size * channels)];
    const [y, x] = [Math.floor(at / (size * channels)), at % (size * channels)];
    return bytes[(Math.floor(image / columns) * size + y) * row + (image % columns) * size * channels + x]!;
  });
  return { shape: [count, size, size, channels], dtype: 'float32', data: toFloats(pixels) } as const;
}

for (const name of ['avatars-64', 'fashion-mnist-32']) {
  test(`${name}: the demo states what its discriminator does`, async () => {
    const pictures = JSON.parse(readFileSync(`demo/pictures/${name}/pictures.json`, 'utf8')) as ModelPictures;
    const opened = await openPackage(`demo/models/${name}`);
    const { width: imageSize, channels } = opened.model;
    const real = await heldOutOf(name, imageSize, channels, pictures);
    const found = await discriminatorFigures(opened, real);
    const stated = pictures.discriminator;
    assert.is(found.images, pictures.heldOut.count);
    // Forty images of each side: four standard errors of a share are at most 0.32, of these shares less.
    for (const key of ['realCalledReal', 'fakesCalledReal', 'pairsRight'] as const) {
      const error = 4 * Math.sqrt(Math.max(0.01, stated[key] * (1 - stated[key])) / found.images);
      assert.ok(Math.abs(found[key] - stated[key]) <= error, `${key}: ${found[key]}, stated ${stated[key]}`);
    }
  });
}

test.run();
