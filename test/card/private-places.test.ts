// Places on this machine in texts: only the last part of a path is left, and the home folder's name, the user's, never is.
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  placeIn,
  privatePlaces,
  valueWithoutPlaces,
  withoutPlaces,
} from '../../trainer/card/private-places.ts';

const test = suite('places on this machine');

const places = privatePlaces(['/mnt/big disk/faces of (2020)', '/mnt/big disk', 'avatars', null, '/']);

test('whole paths are places, the longest first; names and roots are none', () => {
  assert.equal(
    places.filter((place) => place !== homedir()),
    ['/mnt/big disk/faces of (2020)', '/mnt/big disk'],
  );
  assert.ok(places.includes(homedir()));
});

test('known paths and paths of any user are cut down to their names', () => {
  for (const [text, shown] of [
    ['read /mnt/big disk/faces of (2020).', 'read faces of (2020).'],
    ['/mnt/big disk/faces of (2020)/a.png, 3 images', 'faces of (2020)/a.png, 3 images'],
    ['/mnt/big disk/faces of (2020)s', 'big disk/faces of (2020)s'],
    ['data=/home/anna/photos/cats', 'data=cats'],
    ["'/Users/anna/x/model.onnx' is there", "'model.onnx' is there"],
    ['C:\\Users\\anna\\photos', 'photos'],
    [join(homedir(), 'photos'), 'photos'],
    [`in ${homedir()}`, 'in ~'],
    ['~/photos', 'photos'],
  ] as const) {
    assert.is(withoutPlaces(text, places), shown);
  }
});

test('addresses, fractions and names with slashes stay', () => {
  for (const text of [
    'https://example.org/a/b/c',
    '2/255',
    'hairColour/pink',
    'and/or',
    'generator/block1/kernel',
    '1 / 2 / 3',
  ]) {
    assert.is(withoutPlaces(text, places), text);
  }
});

test('all texts of a value are cut, at any depth, and nothing else changes', () => {
  const value = { a: ['/x/y/z', 1, null, true], 'b /x/y/z': { c: 'plain' } };
  assert.equal(valueWithoutPlaces(value, []), { a: ['z', 1, null, true], 'b z': { c: 'plain' } } as unknown);
});

test('a place in bytes is found by its whole name', () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const place = '/mnt/big disk';
  assert.is(placeIn(bytes(`\0\x08${place}/a.png`), places), place);
  assert.is(placeIn(bytes(JSON.stringify({ place })), places), place);
  assert.is(placeIn(bytes('/mnt/big disks'), places), null);
  assert.is(placeIn(bytes(basename(place)), places), null);
});

test.run();
