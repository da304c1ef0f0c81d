// The discriminators' figures that the demo shows, against the shipped files on the demo's own held-out images.
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { conditionsOf, heldOutImages } from '../../scripts/held-out-images.ts';
import { discriminatorFigures, type DiscriminatorFigures } from '../../scripts/discriminator-figures.ts';
import { avatarAttributes } from '../../runtime-web/format/avatars/attributes.ts';
import type { HostTensor } from '../../trainer/graph/trace/graph.ts';
import { openPackage } from '../../trainer/model-package/read-package.ts';
import { toFloats } from '../../trainer/pictures/pixels.ts';
import { addDiscriminator, attributesOfColour, conditionPackage, side } from '../shared/condition-package.ts';

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

test('a discriminator that receives labels judges real and generated images with the same ones', async () => {
  // Its logit is the first attribute less one half, but for the image's mean, which is 0 here.
  const folder = addDiscriminator(conditionPackage(attributesOfColour), [100, -1, -1]);
  const rows = [1, 1, 1, 0, 0].flatMap((first) => [first, 1, 1]);
  const images = { shape: [5, side, side, 3], dtype: 'float32', data: new Float32Array(5 * side * side * 3) };
  const labels = { shape: [5, 3], dtype: 'float32', data: Float32Array.from(rows) };
  const opened = await openPackage(folder);
  const found = await discriminatorFigures(opened, images as HostTensor, labels as HostTensor);
  assert.equal([found.images, found.realCalledReal, found.fakesCalledReal], [5, 0.6, 0.6]);
});

test('images come with the labels that a model of their data takes', async () => {
  const source = { data: 'avatars', width: 8, height: 8, channels: 3 } as const;
  const conditioning = { kind: 'attributes', names: ['glasses', 'hat'], examples: [[0, 1]] } as const;
  const run = { config: { classNames: null }, conditioning };
  const { images, labels } = await heldOutImages(source, 100, 6, run);
  assert.equal(
    [images.shape, labels!.shape],
    [
      [6, 8, 8, 3],
      [6, 2],
    ],
  );
  const expected = Array.from({ length: 6 }, (_, i) => {
    const { glasses, hat } = avatarAttributes(100 + i, 0);
    return { glasses: Number(glasses), hat: Number(hat) };
  });
  assert.equal(conditionsOf(run, labels!), expected);
});

test.run();
