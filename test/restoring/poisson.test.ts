// Poisson blending against SciPy's sparse solver, and where it has a closed form.
import { square } from '../../runtime-web/format/image-shape.ts';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { poissonBlend } from '../../runtime-web/format/restoring/poisson.ts';
import { assertClose } from '../shared/closeness.ts';
import { restoringFixture, wave } from './fixture.ts';

const test = suite('Poisson blending');
const floats = (p: number, shape: readonly number[], scale: number): Float32Array =>
  wave(p, shape, scale).data as Float32Array;

test("the blended image is that of SciPy's sparse solver", () => {
  const { side, mask, blended } = restoringFixture.poisson;
  const known = floats(30, [side, side, 3], 0.4);
  const drawn = floats(31, [side, side, 3], 0.3);
  assertClose(poissonBlend(known, drawn, mask, { ...square(side), channels: 3 }), blended, 1e-5, 'blended');
  mask.forEach((isMissing, i) => {
    if (isMissing === 0) assert.is(blended[i * 3], Number(known[i * 3]!.toPrecision(7)));
  });
});

test('a drawn picture that is off by a constant fits without a seam, one channel or three', () => {
  const side = 12;
  for (const channels of [1, 3] as const) {
    const known = floats(2, [side, side, channels], 0.5);
    const drawn = known.map((value) => value + 0.3);
    const mask = Float32Array.from({ length: side * side }, (_, i) => Number(i % side > 3 && i > side * 5));
    assertClose(
      poissonBlend(known, drawn, mask, { ...square(side), channels }),
      known,
      1e-5,
      `${channels} channels`,
    );
  }
});

test('from two known sides the difference is spread evenly over the hole', () => {
  const side = 9;
  // Known columns at both ends, of 0 and of 0.8; nothing drawn: a ramp.
  const mask = Float32Array.from({ length: 81 }, (_, i) => Number(i % side > 0 && i % side < 8));
  const known = Float32Array.from({ length: 81 }, (_, i) => (i % side === 8 ? 0.8 : 0));
  const ramp = Float32Array.from({ length: 81 }, (_, i) => (i % side) / 10);
  assertClose(
    poissonBlend(known, new Float32Array(81), mask, { ...square(side), channels: 1 }),
    ramp,
    1e-5,
    'ramp',
  );
});

test('known pixels stay bit for bit, values stay in range, and with nothing known the generated image stays', () => {
  const side = 8;
  const known = new Float32Array(64).fill(0.9);
  const drawn = floats(5, [64], 0.8);
  const mask = Float32Array.from({ length: 64 }, (_, i) => Number(i % 3 === 0));
  const blended = poissonBlend(known, drawn, mask, { ...square(side), channels: 1 });
  mask.forEach((isMissing, i) => {
    if (isMissing === 0) assert.is(blended[i], known[i]);
    assert.ok(Math.abs(blended[i]!) <= 1);
  });
  assert.ok(
    blended.some((value) => value === 1),
    'there was something to cut off',
  );
  assertClose(
    poissonBlend(known, drawn, new Float32Array(64).fill(1), { ...square(side), channels: 1 }),
    drawn,
    1e-6,
    'all missing',
  );
});

test.run();
