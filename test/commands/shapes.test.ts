// Images that are no squares, and images with transparency, from a folder to a model and its pictures, by the real command line.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  dcgan,
  dcganInTurn,
  jsonLines,
  modelOf,
  smallPictures,
  smallRun,
  stickers,
} from '../shared/command-line.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('shapes');

/** Trains a run of the smallest networks and returns its folder. */
async function trained(data: string, ...flags: readonly string[]): Promise<string> {
  const out = temporaryFolder();
  const { code, stderr } = await dcgan(...smallRun(data, out, 4), ...flags);
  assert.is(code, 0, stderr);
  return join(out, readdirSync(out)[0]!);
}

test('stickers of 16x24 with transparency: real images, samples, model and pictures keep both', async () => {
  const run = await trained(await stickers(), '--image-size', '16x24', '--channels', '4');
  const { width, height, channels } = modelOf(run);
  assert.equal([width, height, channels], [16, 24, 4]);
  const reals = await sharp(join(run, 'reals.png')).raw().toBuffer({ resolveWithObject: true });
  assert.equal([reals.info.width, reals.info.height, reals.info.channels], [6 * 16, 5 * 24, 4]);
  // The disc of the first image, straight, and nothing in its corner.
  const pixel = (x: number, y: number): number[] => [
    ...reals.data.subarray(4 * (y * 96 + x), 4 * (y * 96 + x) + 4),
  ];
  assert.equal(pixel(8, 6), [255, 0, 0, 255]);
  assert.equal(pixel(0, 23), [0, 0, 0, 0]);
  const out = join(temporaryFolder(), 'one.png');
  const drawn = await dcgan('sample', run, '--seeds', '3', '--out', out);
  assert.is(drawn.code, 0, drawn.stderr);
  const one = await sharp(out).metadata();
  assert.equal([one.width, one.height, one.channels], [16, 24, 4]);
  const film = join(temporaryFolder(), 'walk.webp');
  const walked = await dcgan('walk', run, '--from', '1', '--to', '2', '--steps', '3', '--out', film);
  assert.is(walked.code, 0, walked.stderr);
  const facts = await sharp(film).metadata();
  assert.equal([facts.width, facts.pageHeight ?? facts.height], [16, 24]);
});

test('a style-based network grows from 8x12 to 16x24', async () => {
  const run = await trained(
    await smallPictures(),
    ...['--network', 'stylegan', '--image-size', '16x24', '--grow-from', '8', '--grow-images', '8'],
  );
  const model = modelOf(run);
  assert.equal([model.width, model.height], [16, 24]);
  assert.equal(model.styles!.layers, [4, 4, 8, 8, 16, 16]);
});

test('sizes that no network makes are refused with the nearest one', async () => {
  const data = await smallPictures(10);
  const { code, stderr } = await dcganInTurn('train', '--data', data, '--image-size', '60x100', '--dry-run');
  assert.is(code, 2);
  assert.match(stderr, '--image-size: got "60x100", expected a size such as 64 or 64x96');
  assert.match(stderr, 'the nearest is 56x96');
});

test('alpha that hides nothing is said, and so is what is cropped to the shape', async () => {
  const data = await stickers(30, true);
  const out = join(temporaryFolder(), 'reals.png');
  const told = await dcgan('data', data, '--channels', '4', '--image-size', '16x24', '--out', out);
  assert.is(told.code, 0, told.stderr);
  assert.match(told.stderr + told.stdout, 'no image has a transparent pixel');
  assert.match(told.stdout, '30 of this shape');
  const square = await dcgan('data', data, '--image-size', '16', '--json', '--out', out);
  const { survey } = jsonLines(square.stdout).at(-1) as { survey: { shapes: unknown } };
  assert.equal(survey.shapes, { same: 0, wide: 0, tall: 30 });
});

test.run();
