// Faces and their eyes are found, and nothing else, on photographs and on composed ones with a known head.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeWhole } from '../../trainer/data/image-file.ts';
import type { Face } from '../../trainer/faces/detections.ts';
import { openFaceFinder } from '../../trainer/faces/find-faces.ts';
import type { Photo } from '../../trainer/faces/resample-similarity.ts';
import { fixtures } from './expected.ts';
import { astronautEyes, composition, eyeError, nearest, photograph } from './photographs.ts';

const test = suite('findFaces()');
const finder = await openFaceFinder({ threads: 2 });
test.after(() => finder.dispose());
const find = async (photo: Photo, smallestFace = 24): Promise<readonly Face[]> =>
  (await finder.find(photo, { threshold: 0.6, smallestFace })).faces;

test('the astronaut is found once, her eyes within a fifteenth of their distance', async () => {
  const faces = await find(await photograph('astronaut.jpg'));
  assert.is(faces.length, 1);
  const [face] = faces;
  const error = eyeError(face!, astronautEyes);
  assert.ok(error < 1 / 15, `off by ${error}`);
  assert.ok(face!.score > 0.85 && face!.score <= 1);
  const { left, top, width, height } = face!.box;
  assert.ok(left > 100 && left + width < 270 && top > 40 && top + height < 200 && width > 90);
});

test('a photographer in profile, in grey, is found too, with a lower score', async () => {
  const faces = await find(await photograph('cameraman.jpg'));
  assert.is(faces.length, 1);
  assert.ok(faces[0]!.score < 0.8);
});

for (const name of ['cat.jpg', 'coffee.jpg', 'rocket.jpg']) {
  test(`${name} has no face`, async () => {
    const photo = await photograph(name);
    assert.equal(await find(photo, 16), []);
    // Enlarged, its specks are larger.
    const [width, height] = [3 * photo.width, 3 * photo.height];
    const raw = { width: photo.width, height: photo.height, channels: 3 } as const;
    const pixels = await sharp(photo.pixels, { raw }).resize(width, height).raw().toBuffer();
    assert.equal(await find({ width, height, pixels }, 24), []);
  });
}

test('six heads in one photo: large, small, turned by 15, 30 and 45 degrees', async () => {
  const { photo, eyes } = await composition(1100, 800, [
    { x: 240, y: 240, scale: 2, degrees: 0 },
    { x: 640, y: 180, scale: 1, degrees: 15 },
    { x: 920, y: 200, scale: 1, degrees: -30 },
    { x: 220, y: 640, scale: 1, degrees: 45 },
    { x: 560, y: 640, scale: 0.5, degrees: -15 },
    { x: 800, y: 640, scale: 0.28, degrees: 0 },
  ]);
  const faces = await find(photo);
  assert.is(faces.length, 6);
  eyes.forEach((pair, i) => {
    const error = eyeError(nearest(faces, pair)!, pair);
    assert.ok(error < 0.13, `head ${i}: off by ${error}`);
  });
});

test('a head across the seam of two tiles is found once, as well as elsewhere', async () => {
  const heads = [800, 832, 928, 1000, 1024].map((x, i) => ({ x, y: 60 + 100 * i, scale: 0.35, degrees: 0 }));
  const { photo, eyes } = await composition(1300, 560, heads);
  const faces = await find(photo);
  assert.is(faces.length, heads.length);
  for (const pair of eyes) assert.ok(eyeError(nearest(faces, pair)!, pair) < 0.13);
});

test('a head that the border cuts is found while both eyes are there', async () => {
  const { photo, eyes } = await composition(500, 300, [{ x: 55, y: 150, scale: 1, degrees: 0 }]);
  const [pair] = eyes;
  assert.ok(pair!.right[0] > 20 && pair!.right[0] < 35, 'an ear is outside');
  const faces = await find(photo);
  assert.is(faces.length, 1);
  assert.ok(eyeError(faces[0]!, pair!) < 0.15);
});

test('a face that fills the photo, and one in a photo smaller than the network sees', async () => {
  const whole = await photograph('astronaut.jpg');
  const raw = { width: whole.width, height: whole.height, channels: 3 } as const;
  const area = { left: 122, top: 36, width: 128, height: 140 };
  const close = await sharp(whole.pixels, { raw }).extract(area).raw().toBuffer();
  const faces = await find({ width: area.width, height: area.height, pixels: close });
  assert.is(faces.length, 1);
  const shifted = (([x, y]) => [x - area.left, y - area.top] as const) as (
    point: readonly [number, number],
  ) => readonly [number, number];
  const eyes = { right: shifted(astronautEyes.right), left: shifted(astronautEyes.left) };
  assert.ok(eyeError(faces[0]!, eyes) < 0.13);
});

test('a photo that EXIF rotates is searched upright', async () => {
  const lying = await sharp(readFileSync(join(fixtures, 'astronaut.jpg')))
    .rotate(-90)
    .withExif({})
    .withMetadata({ orientation: 6 })
    .jpeg({ quality: 95 })
    .toBuffer();
  const photo = await decodeWhole(lying);
  const [face, ...others] = await find(photo);
  assert.equal(others, []);
  assert.ok(eyeError(face!, astronautEyes) < 1 / 15);
});

test('the same photo gives the same numbers; below the threshold the best score is reported', async () => {
  const photo = await photograph('astronaut.jpg');
  const [first] = await find(photo);
  assert.equal(await find(photo), [first]);
  const unsure = await finder.find(photo, { threshold: 0.99, smallestFace: 24 });
  assert.equal(unsure, { faces: [], nextBest: first!.score });
  const flat = { width: 300, height: 200, pixels: new Uint8Array(180_000).fill(90) };
  assert.equal(await finder.find(flat, { threshold: 0.6, smallestFace: 24 }), { faces: [], nextBest: 0 });
});

test('it stops when aborted', async () => {
  const photo = await photograph('astronaut.jpg');
  let name = '';
  await finder
    .find(photo, { threshold: 0.6, smallestFace: 24, signal: AbortSignal.abort() })
    .catch((error: Error) => (name = error.name));
  assert.is(name, 'AbortError');
});

test.run();
