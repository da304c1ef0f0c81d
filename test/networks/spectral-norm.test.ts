// Spectral norm against a kernel whose singular values are known, its two forms against each other, and the axes that it takes.
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../runtime-web/format/random.ts';
import { drawState } from '../../runtime-web/format/training/initial-state.ts';
import { generatorParameters } from '../../trainer/networks/generator.ts';
import {
  nextVectors,
  normalisedOnHost,
  spectrallyNormalised,
  vectorEntries,
  vectorName,
} from '../../trainer/networks/spectral-norm.ts';
import type { HostTensor } from '../../trainer/graph/trace/graph.ts';
import { assertClose } from '../shared/closeness.ts';
import { shaped, smallConfig } from '../shared/small-config.ts';

const test = suite('spectral norm');
test.before(async () => {
  await tf.setBackend('cpu');
});

const eager = ({ data, shape }: HostTensor): tf.Tensor => tf.tensor(data, [...shape]);

test('σ becomes the largest singular value', () => {
  // Two rotations around the singular values 3 and 2.
  const [a, b] = [0.4, 1.1];
  const rotation = (angle: number): tf.Tensor2D =>
    tf.tensor2d([Math.cos(angle), -Math.sin(angle), Math.sin(angle), Math.cos(angle)], [2, 2]);
  const kernel = tf.matMul(
    tf.matMul(
      rotation(a),
      tf.tensor2d(
        [
          [3, 0],
          [0, 2],
        ],
        [2, 2],
      ),
    ),
    rotation(b),
  );
  const name = 'layer/kernel';
  let state: Record<string, tf.Tensor> = { [name]: kernel, [vectorName(name)]: tf.tensor2d([[0.6, 0.8]]) };
  for (let i = 0; i < 40; i++) state = { ...state, ...nextVectors(state) };
  const normalised = spectrallyNormalised(state);
  assert.equal(Object.keys(normalised), [name]);
  assertClose(normalised[name]!.dataSync(), tf.div(kernel, 3).dataSync(), 1e-5, 'kernel / 3');
});

for (const upsampling of ['transposed', 'nearest'] as const) {
  for (const head of ['convolutional', 'dense'] as const) {
    test(`${upsampling}, ${head}: a unit vector of the outputs for each kernel, and both forms agree`, () => {
      const options = shaped({ ...smallConfig, upsampling, head, attention: 8 });
      const specs = generatorParameters(options);
      const random = new Random(3);
      const vectors = drawState(vectorEntries(specs), random);
      const shapes = Object.fromEntries(Object.entries(vectors).map(([name, { shape }]) => [name, shape]));
      const block = upsampling === 'transposed' ? [1, 1, 4, 1] : [1, 1, 1, 4];
      assert.equal(shapes[vectorName('generator/block1/kernel')], block);
      assert.equal(
        shapes[vectorName('generator/project/kernel')],
        head === 'dense' ? [1, 128] : [1, 1, 8, 1],
      );
      assert.equal(shapes[vectorName('generator/attention/output/kernel')], [1, 1, 1, 4]);
      assert.is(Object.keys(shapes).length, 7, 'one for each kernel');
      for (const [vector, u] of Object.entries(vectors)) {
        const name = vector.slice(vectorName('').length);
        const kernel: HostTensor = {
          shape: specs[name]!.shape,
          dtype: 'float32',
          data: random.fillLatent(new Float32Array(specs[name]!.shape.reduce((x, y) => x * y)), 'normal'),
        };
        const given = { [name]: eager(kernel), [vector]: eager(u) };
        assert.ok(Math.abs(Math.hypot(...(u.data as Float32Array)) - 1) < 1e-6, vector);
        const inGraph = spectrallyNormalised(given)[name]!;
        assertClose(inGraph.dataSync(), normalisedOnHost(kernel, u).data, 2e-6, name);
        assert.ok(Math.hypot(...nextVectors(given)[vector]!.dataSync()) > 1 - 1e-5, vector);
      }
    });
  }
}

test.run();
