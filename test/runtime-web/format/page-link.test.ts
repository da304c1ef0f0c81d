// Links into the demo, as the browser's own parser reads them.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { arithmeticLink, hashOf, walkLink } from '../../../runtime-web/format/page-link.ts';

const test = suite('links into the demo');
const read = (link: string): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(link.split('?')[1]));

test('values come back as they were, and commas and slashes stay readable', () => {
  const values = { model: 'dropped/ä & b', seeds: '1,2', 'principal 1': '0.5', odd: '+%#?=' };
  const link = hashOf({ room: 'walk', values });
  assert.equal(read(link), values);
  assert.match(link, /^#walk\?model=dropped\/%C3%A4%20%26%20b&seeds=1,2&/);
  assert.is(hashOf({ room: 'models', values: {} }), '#models');
});

test('a walk has its keyframes, and its path only if one was requested', () => {
  assert.is(walkLink('faces', [3, 8]), '#walk?model=faces&seeds=3,8');
  assert.is(walkLink('faces', [3, 8], 'linear'), '#walk?model=faces&seeds=3,8&path=linear');
  assert.is(walkLink('faces', [3]), null);
  const many = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
  assert.is.not(walkLink('faces', many(12)), null);
  assert.is(walkLink('faces', many(13)), null);
});

test('only A − B + C with at most three exemplars each has a link', () => {
  const terms = [
    { sign: 1, seeds: [3, 7, 9] },
    { sign: -1, seeds: [5] },
    { sign: 1, seeds: [1, 2] },
  ] as const;
  assert.is(arithmeticLink('faces', terms, 0.25), '#arithmetic?model=faces&a=3,7,9&b=5&c=1,2&jitter=0.25');
  assert.is(arithmeticLink('faces', terms.slice(0, 2), 0.25), null);
  assert.is(arithmeticLink('faces', [...terms].reverse().slice(0, 1), 0.25), null);
  assert.is(arithmeticLink('faces', [{ sign: 1, seeds: [1, 2, 3, 4] }, ...terms.slice(1)], 0.25), null);
});

test.run();
