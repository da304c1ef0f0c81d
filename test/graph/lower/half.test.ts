// Half precision against its definition: all its 65,536 numbers, and numbers between them.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { halfBits, halfBytes } from '../../../trainer/graph/lower/half.ts';

/** The number that 16 bits stand for (IEEE 754-2019, section 3.4). */
function decode(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const largest = 0x7bff;
const half = suite('half precision');

half('every half, and minus each, is its own', () => {
  for (let bits = 0; bits <= 0x7c00; bits++) {
    assert.is(halfBits(decode(bits)), bits);
    assert.is(halfBits(-decode(bits)), bits | 0x8000);
  }
});

half('between two halves the nearer one is taken, in the middle the even one', () => {
  for (let bits = 0; bits < largest; bits++) {
    const [low, high] = [decode(bits), decode(bits + 1)];
    const middle = (low + high) / 2; // exact in float32
    const nearby = (high - low) / 64;
    assert.is(halfBits(middle), bits % 2 === 0 ? bits : bits + 1);
    assert.is(halfBits(middle - nearby), bits);
    assert.is(halfBits(middle + nearby), bits + 1);
  }
});

half('numbers past the largest half become infinite from the middle on', () => {
  assert.is(halfBits(65519), largest);
  assert.is(halfBits(65520), 0x7c00);
  assert.is(halfBits(1e10), 0x7c00);
  assert.is(halfBits(-1e38), 0xfc00);
});

half('what is too small becomes zero of its sign', () => {
  assert.is(halfBits(2 ** -25), 0, 'half of the smallest: to even');
  assert.is(halfBits(2 ** -25 * 1.001), 1);
  assert.is(halfBits(-1e-20), 0x8000);
  assert.is(halfBits(-0), 0x8000);
});

half('no number stays no number', () => {
  assert.ok(Number.isNaN(decode(halfBits(NaN))));
});

half('bytes are little-endian', () => {
  assert.equal([...halfBytes(Float32Array.of(1, -2))], [0x00, 0x3c, 0x00, 0xc0]);
});

half.run();
