// The list of faces: a written list is read back, and other files are refused.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { faceListFile, readFaceList, writeFaceList, type FaceList } from '../../trainer/faces/face-list.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('faces.json');

const list: FaceList = {
  detector: 'a network',
  folder: '../photos',
  settings: { size: 64, margin: 0.2, threshold: 0.6, minFace: 46, outside: 0.2, align: true },
  photos: [
    {
      source: 'a "b".jpg',
      sha256: 'ab',
      faces: 1,
      small: 2,
      cut: 0,
      nextBest: 0,
      unreadable: null,
    },
    {
      source: 'c.jpg',
      sha256: null,
      faces: 0,
      small: 0,
      cut: 0,
      nextBest: 0,
      unreadable: 'empty',
    },
  ],
  faces: [
    {
      file: 'images/a-0.png',
      source: 'a "b".jpg',
      score: 0.9,
      box: { left: 1, top: 2, width: 3, height: 4 },
      eyes: { right: [1, 2], left: [3, 4] },
      isAligned: true,
    },
  ],
};

test('is read as it was written, a line for each photo and face', async () => {
  const folder = temporaryFolder();
  assert.is(await readFaceList(folder), null);
  await writeFaceList(folder, list);
  assert.equal(await readFaceList(folder), list);
  const lines = readFileSync(join(folder, faceListFile), 'utf8').trim().split('\n');
  assert.is(lines.length, 1 + 1 + 2 + 1 + 1 + 1 + 1);
  const empty = { ...list, photos: [], faces: [] };
  await writeFaceList(folder, empty);
  assert.equal(await readFaceList(folder), empty);
  assert.equal(readdirSync(folder), [faceListFile]);
});

test("another program's file is refused", async () => {
  for (const text of [
    '',
    '{}',
    '[]',
    'null',
    '{"kind":"dcgan faces, version 1"}',
    '{"faces":[],"photos":[]}',
  ]) {
    const folder = temporaryFolder();
    writeFileSync(join(folder, faceListFile), text);
    let message = '';
    await readFaceList(folder).catch((error: Error) => (message = error.message));
    assert.match(message, /faces\.json: not a list of faces that this program wrote; give another --out/);
  }
});

test.run();
