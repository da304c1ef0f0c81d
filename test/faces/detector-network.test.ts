// The detector's converted file: its outputs are those of TensorFlow Lite's own interpreter, on inputs of any size.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openDetectorNetwork } from '../../trainer/faces/detector-network.ts';
import { assertClose } from '../shared/closeness.ts';
import { expected, picture } from './expected.ts';

const test = suite('openDetectorNetwork()');
const pattern = (x: number, y: number, c: number): number => (7 * x + 13 * y + 29 * c + ((x * y) % 31)) % 256;

test('gives the numbers of TensorFlow Lite, for one picture and for two at once', async () => {
  const { cells, numbers, logits } = expected.network;
  const network = await openDetectorNetwork(1);
  try {
    const { pixels } = picture(192, 192, pattern);
    const other = picture(192, 192, (x, y, c) => 255 - pattern(y, x, c)).pixels;
    const both = new Uint8Array(2 * pixels.length);
    both.set(other);
    both.set(pixels, other.length);
    for (const outputs of [
      await network.run(pixels, 1, 192, 192),
      (await network.run(both, 2, 192, 192)).slice(1),
    ]) {
      const [output] = outputs;
      assert.is(output!.logits.length, 2304);
      const picked = cells.map((cell) => [...output!.numbers.subarray(16 * cell, 16 * cell + 16)]);
      assertClose(picked.flat(), numbers.flat(), 2e-5, 'numbers');
      const chosen = cells.map((cell) => output!.logits[cell]!);
      assertClose(chosen, logits, 2e-5, 'logits');
    }
  } finally {
    await network.dispose();
  }
});

test('runs on any size that is a multiple of 32, and refuses bytes that do not fill it', async () => {
  const network = await openDetectorNetwork(1);
  try {
    const [output] = await network.run(new Uint8Array(64 * 320 * 3), 1, 64, 320);
    assert.is(output!.logits.length, (64 / 4) * (320 / 4));
    assert.is(output!.numbers.length, 16 * output!.logits.length);
    assert.ok(output!.numbers.every(Number.isFinite));
    let message = '';
    await network.run(new Uint8Array(100), 1, 64, 64).catch((error: Error) => (message = error.message));
    assert.match(message, 'got 100 bytes, expected 1 x 64 x 64 x 3');
  } finally {
    await network.dispose();
  }
});

const python = process.env['DCGAN_PYTHON'] ?? 'python3';
if (spawnSync(python, ['-c', 'import onnx']).status === 0) {
  test("passes onnx's checker", () => {
    const path = join('trainer', 'faces', 'detector.onnx');
    const check = 'import onnx, sys; onnx.checker.check_model(sys.argv[1], full_check=True)';
    const { status, stderr } = spawnSync(python, ['-c', check, path], { encoding: 'utf8' });
    assert.is(status, 0, stderr);
  });
} else {
  console.log(`skipped: ${python} has no package 'onnx'; name a Python that has one in DCGAN_PYTHON`);
  test.skip("passes onnx's checker", () => undefined);
}

test.run();
