// The network's cells as faces, and several finds of one face as one.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  blendFaces,
  decodeCells,
  distinctFaces,
  meanFace,
  type Face,
} from '../../trainer/faces/detections.ts';
import { overlap } from '../../trainer/faces/geometry.ts';

const test = suite('detections');

const face = (score: number, left: number, top: number, side = 10): Face => {
  const centre = [left + side / 2, top + side / 2] as const;
  const points = { rightEye: centre, leftEye: centre, nose: centre, mouth: centre };
  return {
    score,
    box: { left, top, width: side, height: side },
    points: { ...points, rightEar: centre, leftEar: centre },
  };
};

test('a cell counts from its own centre, in the pixels of the photo', () => {
  const numbers = new Float32Array(6 * 16);
  // Cell 4 of two rows of three: its centre lies at (6, 6) in the input.
  numbers.set([2, 1, 8, 6, -1, 0, 3, 0, 1, 2, 1, 4, -4, 1, 6, 1], 4 * 16);
  const logits = new Float32Array(6).fill(-3);
  logits[4] = Math.log(3);
  const found = decodeCells(numbers, logits, 3, { left: 100, top: 200, step: 2 }, 0.5);
  assert.is(found.length, 1);
  const [only] = found;
  assert.ok(Math.abs(only!.score - 0.75) < 1e-6);
  assert.equal(only!.box, { left: 108, top: 208, width: 16, height: 12 });
  assert.equal(only!.points, {
    rightEye: [110, 212],
    leftEye: [118, 212],
    nose: [114, 216],
    mouth: [114, 220],
    rightEar: [104, 214],
    leftEar: [124, 214],
  });
});

test('overlap() is the intersection over the union', () => {
  const box = { left: 0, top: 0, width: 10, height: 10 };
  assert.is(overlap(box, box), 1);
  assert.is(overlap(box, { ...box, left: 10 }), 0);
  assert.is(overlap(box, { ...box, left: 5 }), 1 / 3);
  assert.is(overlap(box, { left: 2, top: 2, width: 5, height: 5 }), 0.25);
});

test('finds of one face are blended by score, others stay apart', () => {
  const blended = blendFaces([face(0.3, 2, 0), face(0.9, 0, 0), face(0.8, 100, 0)]);
  assert.is(blended.length, 2);
  assert.is(blended[0]!.score, 0.9);
  assert.ok(Math.abs(blended[0]!.box.left - (0.3 * 2) / 1.2) < 1e-9);
  assert.ok(Math.abs(blended[0]!.points.nose[0] - (5 + (0.3 * 2) / 1.2)) < 1e-9);
  assert.is(blended[1]!.box.left, 100);
  assert.equal(blendFaces([]), []);
  // A box without an area is nothing, and ends nothing.
  assert.equal(blendFaces([face(0.9, 0, 0, 0)]), []);
});

test('of overlapping faces the best one is kept as it is', () => {
  const kept = distinctFaces([face(0.5, 1, 0), face(0.7, 0, 0), face(0.6, 50, 0)]);
  assert.equal(
    kept.map(({ score, box }) => [score, box.left]),
    [
      [0.7, 0],
      [0.6, 50],
    ],
  );
  assert.throws(() => meanFace([]), /the mean of 0 faces/);
});

test.run();
