// Number formats against bit patterns of IEEE 754 and of bfloat16, written out by hand.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { toFloat32, type FloatFormat } from '../../trainer/files/number-formats.ts';

const test = suite('toFloat32()');

/** The bytes of big-endian hexadecimal numbers. */
function bytesOf(...words: readonly string[]): Uint8Array {
  return Uint8Array.from(Buffer.from(words.join(''), 'hex'));
}

const cases: readonly (readonly [FloatFormat, string, number])[] = [
  ['float16', '3c00', 1],
  ['float16', 'c000', -2],
  ['float16', '3555', 0.333251953125],
  ['float16', '7bff', 65504],
  ['float16', '0400', 2 ** -14],
  ['float16', '0001', 2 ** -24],
  ['float16', '8000', -0],
  ['float16', 'fc00', -Infinity],
  ['float16', '7e00', NaN],
  ['bfloat16', '3f80', 1],
  ['bfloat16', 'c049', -3.140625],
  ['bfloat16', '7f80', Infinity],
  ['float32', '40490fdb', Math.fround(Math.PI)],
  ['float64', '400921fb54442d18', Math.fround(Math.PI)],
  ['float64', '7fefffffffffffff', Infinity],
];

for (const [format, word, number] of cases) {
  test(`${word} in ${format} is ${number}, in either byte order`, () => {
    const big = bytesOf(word);
    assert.ok(Object.is(toFloat32(format, big, false)[0], number));
    assert.ok(Object.is(toFloat32(format, big.toReversed())[0], number));
  });
}

test('numbers at an odd address are read', () => {
  const bytes = new Uint8Array(9);
  bytes.set(bytesOf('40490fdb', '3f800000'), 1);
  assert.equal([...toFloat32('float32', bytes.subarray(1), false)], [Math.fround(Math.PI), 1]);
});

test.run();
