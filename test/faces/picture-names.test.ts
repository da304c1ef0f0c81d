// Names of pictures: the same for the same photos, and never the same for two.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { PictureNames } from '../../trainer/faces/picture-names.ts';

const test = suite('PictureNames');

test('folders stay, the ending goes', () => {
  const names = new PictureNames();
  assert.is(names.startFor('beach.jpg'), 'images/beach');
  assert.is(names.startFor('family/beach.jpg'), 'images/family/beach');
  assert.is(names.startFor('a.b/c.d.JPEG'), 'images/a.b/c.d');
  assert.is(names.startFor('beach.jpg'), 'images/beach', 'and asking again changes nothing');
});

test('photos that differ in their ending or case alone do not share a name', () => {
  const names = new PictureNames();
  const starts = ['a.jpg', 'a.png', 'A.jpg', 'a.png.jpg', 'a.png.webp'].map((source) =>
    names.startFor(source),
  );
  assert.equal(starts, ['images/a', 'images/a.png', 'images/A.jpg', 'images/a.png.jpg', 'images/a.png.webp']);
  assert.is(new Set(starts.map((start) => start.toLowerCase())).size, 5);
});

test('a name that pictures of an earlier run have stays theirs', () => {
  const names = new PictureNames();
  names.reserve('z.png', 'images/z-12.png');
  assert.is(names.startFor('z.jpg'), 'images/z.jpg');
  assert.is(names.startFor('z.png'), 'images/z');
});

test.run();
