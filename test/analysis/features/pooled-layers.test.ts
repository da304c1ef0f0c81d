// The paper's pooled features of layers, against a loop over every number of a window.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../runtime-web/format/random.ts';
import { pooledLayers } from '../../../trainer/analysis/features/pooled-layers.ts';

const test = suite('pooledLayers()');

/** Activations [2, side, side, channels] of random numbers, mostly negative. */
function layer(side: number, channels: number): Float32Array {
  const random = new Random(side);
  return Float32Array.from({ length: 2 * side * side * channels }, () => random.normal() - 2);
}

test('each layer is max-pooled to 4x4, and all are concatenated, image by image', async () => {
  const shapes = [
    [16, 3],
    [8, 5],
    [4, 2],
  ] as const;
  const expected: number[] = [];
  for (let b = 0; b < 2; b++) {
    for (const [side, channels] of shapes) {
      const data = layer(side, channels);
      const window = side / 4;
      for (let y = 0; y < 4; y++) {
        for (let x = 0; x < 4; x++) {
          for (let c = 0; c < channels; c++) {
            let greatest = -Infinity;
            for (let dy = 0; dy < window; dy++) {
              for (let dx = 0; dx < window; dx++) {
                const place = ((b * side + y * window + dy) * side + x * window + dx) * channels + c;
                greatest = Math.max(greatest, data[place]!);
              }
            }
            expected.push(greatest);
          }
        }
      }
    }
  }
  const layers = shapes.map(([side, channels]) =>
    tf.tensor(layer(side, channels), [2, side, side, channels]),
  );
  const pooled = pooledLayers(layers);
  assert.equal(pooled.shape, [2, 16 * (3 + 5 + 2)]);
  assert.equal([...(await pooled.data())], expected);
  tf.dispose([pooled, ...layers]);
});

test('layers whose sides the smallest does not divide, and tensors that are no layer, are refused', () => {
  for (const shape of [
    [1, 6, 8, 2],
    [1, 8, 9, 2],
    [4, 8, 8],
  ]) {
    const given = tf.zeros(shape);
    const smallest = tf.zeros([1, 4, 4, 2]);
    assert.throws(
      () => pooledLayers([given, smallest]),
      /expected \[b, h, w, c\] with h and w multiples of 4 and 4/,
    );
    given.dispose();
  }
});

test.run();
