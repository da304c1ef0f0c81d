// The search for near codes, against looking at every pair.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../runtime-web/format/random.ts';
import { eachNearPair } from '../../trainer/duplicates/near-codes.ts';
import { Nearest } from '../../trainer/duplicates/nearest.ts';

const test = suite('near codes');
const wordsEach = 4;

function bitsApart(words: Uint32Array, one: number, two: number): number {
  let bits = 0;
  for (let w = 0; w < wordsEach; w++) {
    const both = words[one * wordsEach + w]! ^ words[two * wordsEach + w]!;
    bits += (both >>> 0).toString(2).replaceAll('0', '').length;
  }
  return bits;
}

test('almost every planted pair is found, and nothing that is farther than asked', async () => {
  const random = new Random(1);
  const pictures = 4000;
  const words = Uint32Array.from({ length: pictures * wordsEach }, () => random.uint32());
  // Every tenth code is the one before it with 12 of 128 bits turned.
  const planted = new Set<string>();
  for (let i = 9; i < pictures; i += 10) {
    for (let w = 0; w < wordsEach; w++) words[i * wordsEach + w] = words[(i - 1) * wordsEach + w]!;
    const bits = random.shuffle(Array.from({ length: 128 }, (_, bit) => bit)).slice(0, 12);
    for (const bit of bits) words[i * wordsEach + (bit >>> 5)]! ^= 1 << (bit & 31);
    planted.add(`${i - 1} ${i}`);
  }
  const found = new Set<string>();
  await eachNearPair(
    { words, pictures, perPicture: 1, wordsEach },
    { tables: 24, neighbours: 4, maxBits: 30, random },
    (one, two) => {
      assert.ok(bitsApart(words, one, two) <= 30);
      found.add([one, two].sort((a, b) => a - b).join(' '));
    },
  );
  const recalled = [...planted].filter((key) => found.has(key)).length;
  assert.ok(recalled >= 0.98 * planted.size, `${recalled} of ${planted.size}`);
});

test('it stops when it is told to', async () => {
  const stop = new AbortController();
  stop.abort();
  const codes = { words: new Uint32Array(8), pictures: 2, perPicture: 1, wordsEach };
  const options = { tables: 2, neighbours: 1, maxBits: 5, random: new Random(0), signal: stop.signal };
  try {
    await eachNearPair(codes, options, () => undefined);
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).name, 'AbortError');
  }
});

test('Nearest keeps the nearest few of each, with the best score of a pair', () => {
  const nearest = new Nearest(6, 2);
  nearest.offer(0, 1, 1);
  nearest.offer(0, 2, 2);
  nearest.offer(0, 3, 3);
  nearest.offer(0, 1, 4);
  nearest.offer(4, 5, -2);
  // 2 knows 0 although 0 has forgotten it.
  assert.equal([...nearest.pairs()].map((one) => [...one].sort().join(' ')).sort(), [
    '0 1',
    '0 2',
    '0 3',
    '4 5',
  ]);
});

test.run();
