// The gate's measure: largest difference, tolerances, and that NaN never passes.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ExportError } from '../../../trainer/model-package/export-error.ts';
import { assertParity, maxDifference, type Drawing } from '../../../trainer/export/gates/parity-gate.ts';
import type { HostTensor } from '../../../trainer/graph/trace/graph.ts';

const test = suite('parity gate');

function image(...values: number[]): HostTensor {
  return { shape: [1, 1, values.length, 1], dtype: 'float32', data: Float32Array.from(values) };
}

function drawing(images: HostTensor, runtime = 'one'): Drawing {
  return { role: 'generator', runtime, images };
}

test('the difference is the largest, wherever it is and whichever sign it has', () => {
  assert.is(maxDifference(image(0, 0.5, -1), image(0, 0.25, -1)), 0.25);
  assert.is(maxDifference(image(0, 0.25, -1), image(0.125, 0.5, -1)), 0.25);
  assert.is(maxDifference(image(1, 1), image(1, 1)), 0);
});

test('NaN, infinities on both sides and other shapes have no difference that could pass', () => {
  assert.ok(Number.isNaN(maxDifference(image(0, NaN), image(0, 0))));
  assert.ok(Number.isNaN(maxDifference(image(NaN), image(NaN))));
  assert.ok(Number.isNaN(maxDifference(image(0, 0.1), image(0, NaN))));
  assert.ok(Number.isNaN(maxDifference(image(Infinity), image(Infinity))));
  assert.ok(Number.isNaN(maxDifference(image(0, 0), image(0))));
  assert.ok(Number.isNaN(maxDifference(image(0, 0), { ...image(0, 0), shape: [1, 2, 1, 1] })));
});

test('what is below the tolerance passes with its figure; the tolerance itself does not', () => {
  const pairs = [[drawing(image(0.5)), drawing(image(0.25), 'another')]] as const;
  const [figure] = assertParity('g.onnx', pairs, 0.26);
  assert.equal(figure, {
    role: 'generator',
    runtime: 'one',
    against: 'another',
    maxDifference: 0.25,
    tolerance: 0.26,
  });
  assert.throws(() => assertParity('g.onnx', pairs, 0.25), /0\.25 on one against another/);
});

test('one pair of several that fails, by a number or by none, fails them all and shows them all', () => {
  const good = [drawing(image(0)), drawing(image(0), 'two')] as const;
  const bad = [drawing(image(NaN)), drawing(image(0), 'three')] as const;
  assert.throws(
    () => assertParity('folder/g.onnx', [good, bad], 1),
    (error: Error) =>
      error instanceof ExportError &&
      error.message.startsWith('g.onnx draws other pictures than it should') &&
      error.message.includes('0.0 on one against two, NaN on one against three'),
  );
});

test.run();
