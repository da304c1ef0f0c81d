// Bytes and floats: the conversion there and back, and that the browser rounds to the same bytes.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { paint } from '../../runtime-web/worker/paint.ts';
import { toByte, toBytes, toFloat, toFloats } from '../../trainer/pictures/pixels.ts';

const test = suite('pictures/pixels');
const levels = Uint8Array.from({ length: 256 }, (_, level) => level);

test('every byte becomes a float in [-1, 1], and that byte again', () => {
  assert.equal([toFloat(0), toFloat(255)], [-1, 1]);
  assert.equal(toBytes(toFloats(levels)), levels);
  const into = new Float32Array(300).fill(9);
  assert.is(toFloats(levels, into), into);
  assert.equal([into[255], into[256]], [1, 9]);
});

test('floats are rounded, halves up, and clamped', () => {
  assert.equal([0, 0.5 / 127.5, -2, 2, Infinity].map(toByte), [128, 128, 0, 255, 255]);
  assert.equal(toBytes([NaN]), new Uint8Array(1));
});

test('the browser paints the same bytes', () => {
  const floats = Float32Array.from({ length: 20_001 }, (_, i) => i / 8000 - 1.25);
  const painted = new Uint32Array(floats.length);
  paint(floats, 1, painted, 0);
  assert.equal(
    Uint8Array.from(painted, (word) => word & 255),
    toBytes(floats),
  );
});

test.run();
