// The square around a face: the eyes are at the same places for every size, place and tilt of the head.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../runtime-web/format/random.ts';
import type { Face } from '../../trainer/faces/detections.ts';
import { cropOf, eyePlaces } from '../../trainer/faces/face-crop.ts';
import { mapped, type Point } from '../../trainer/faces/geometry.ts';

const test = suite('cropOf()');
const options = { size: 64, margin: 0.2, isAligned: true };

/** A head seen from the front, `apart` pixels between its eyes, turned by `angle`; `yaw` brings the eyes closer together. */
function head(x: number, y: number, apart: number, angle: number, yaw = 1): Face {
  const place = (right: number, down: number): Point => [
    x + apart * (Math.cos(angle) * right - Math.sin(angle) * down),
    y + apart * (Math.sin(angle) * right + Math.cos(angle) * down),
  ];
  const [cx, cy] = place(0, 0.45);
  const side = 2.6 * apart;
  return {
    score: 0.9,
    box: { left: cx - side / 2, top: cy - side / 2, width: side, height: side },
    points: {
      rightEye: place(-yaw / 2, 0),
      leftEye: place(yaw / 2, 0),
      nose: place(0, 0.55),
      mouth: place(0, 1.09),
      rightEar: place(-1.2, 0.2),
      leftEar: place(1.2, 0.2),
    },
  };
}

const near = ([ax, ay]: Point, [bx, by]: Point, within = 1e-9): boolean =>
  Math.hypot(ax - bx, ay - by) <= within;

test('eyes lie level and in the same places, for any place, size and tilt', () => {
  const random = new Random(4);
  for (let i = 0; i < 200; i++) {
    const margin = random.uniform();
    const angle = (random.uniform() - 0.5) * Math.PI;
    const face = head(500 * random.uniform(), 400 * random.uniform(), 5 + 200 * random.uniform(), angle);
    const { map, isAligned } = cropOf(face, { ...options, margin });
    assert.ok(isAligned);
    const { right, left, height } = eyePlaces({ size: 64, margin });
    const { rightEye, leftEye } = face.points;
    assert.ok(
      near(mapped(map, [right, height]), rightEye, 1e-6) && near(mapped(map, [left, height]), leftEye, 1e-6),
    );
  }
});

test('at margin 0.2 the eyes are two sevenths of the picture apart, at three sevenths of its height', () => {
  const { right, left, height } = eyePlaces({ size: 70, margin: 0.2 });
  assert.ok(near([right, left], [25, 45]));
  assert.ok(Math.abs(height - 30) < 1e-9);
});

test('a margin is added on every side, and the size of the picture changes nothing in the photo', () => {
  const face = head(100, 100, 20, 0);
  const side = (margin: number, size: number): number =>
    cropOf(face, { size, margin, isAligned: true }).map.cos * size;
  assert.ok(Math.abs(side(0, 64) - 50) < 1e-9);
  assert.ok(Math.abs(side(0.5, 64) - 100) < 1e-9);
  assert.ok(Math.abs(side(0.5, 17) - 100) < 1e-9);
  assert.ok(Math.abs(cropOf(face, options).faceSide - 50) < 1e-9);
});

test('a head that is turned is not shown larger and larger', () => {
  // At 0.7 the eyes' distance has fallen below three quarters of that to the mouth, which takes over.
  const { map, faceSide } = cropOf(head(100, 100, 20, 0, 0.7), options);
  assert.ok(Math.abs(faceSide - 2.5 * 0.75 * 1.09 * 20) < 1e-9);
  assert.ok(
    near(mapped(map, [32, eyePlaces(options).height]), [100, 100], 1e-9),
    'their middle stays in its place',
  );
});

test('eyes that cannot be right are not used: the face stays upright, by its box', () => {
  const good = head(100, 100, 20, 0.4);
  const { points } = good;
  const bad: readonly (readonly [string, Partial<Face['points']>])[] = [
    ['in one place', { leftEye: points.rightEye }],
    ['a profile', { leftEye: [points.rightEye[0] + 4, points.rightEye[1]] }],
    ['outside the box', { leftEye: [160, 100] }],
    ['left and right exchanged', { rightEye: points.leftEye, leftEye: points.rightEye }],
  ];
  for (const [name, change] of bad) {
    const crop = cropOf({ ...good, points: { ...points, ...change } }, options);
    assert.is(crop.isAligned, false, name);
    assert.is(crop.map.sin, 0, name);
  }
  const upright = cropOf(good, { ...options, isAligned: false });
  assert.is(upright.isAligned, false);
  assert.is(upright.map.sin, 0);
  assert.is(upright.faceSide, good.box.width);
  assert.ok(Math.abs(upright.map.cos * 64 - 1.4 * good.box.width) < 1e-9);
});

test.run();
