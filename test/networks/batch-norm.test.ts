// Batch norm against its definition; its derivatives are in the fixture of test/graph/trace/gradients.test.ts.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { batchMoments, batchNorm, normaliseWith } from '../../trainer/networks/batch-norm.ts';
import { record } from '../graph/trace/checked-record.ts';
import { valueAndGradients } from '../../trainer/graph/trace/value-and-gradients.ts';
import { assertClose } from '../shared/closeness.ts';

await tf.setBackend('cpu');

const x = tf.tensor4d([1, 10, 3, 30, 5, 50, 7, 70], [2, 2, 1, 2]);
const [scale, offset] = [tf.tensor1d([2, 1]), tf.tensor1d([0.5, -1])];
const specs = {
  x: { shape: [4, 8, 8, 16], dtype: 'float32' },
  scale: { shape: [16], dtype: 'float32' },
  offset: { shape: [16], dtype: 'float32' },
} as const;

const norm = suite('batchNorm');

norm('batchMoments() gives each channel’s mean and biased variance', () => {
  const { mean, variance } = batchMoments(x);
  assert.equal([...mean.dataSync()], [4, 40]);
  assert.equal([...variance.dataSync()], [5, 500]);
});

norm('batchNorm() gives each channel mean `offset` and deviation `scale`', () => {
  const { mean, variance } = batchMoments(batchNorm(x, scale, offset));
  assertClose(mean.dataSync(), [0.5, -1], 1e-6, 'mean');
  assertClose(tf.sqrt(variance).dataSync(), [2, 1], 1e-5, 'deviation');
});

norm('normaliseWith() a batch’s own moments is batchNorm()', () => {
  const { mean, variance } = batchMoments(x);
  assertClose(
    normaliseWith(x, mean, variance, scale, offset).dataSync(),
    batchNorm(x, scale, offset).dataSync(),
    1e-7,
    'normalised',
  );
});

norm('recorded beside it, the moments add no node', () => {
  const plain = record((t) => ({ y: batchNorm(t['x']!, t['scale']!, t['offset']!) }), specs);
  const both = record(
    (t) => ({ y: batchNorm(t['x']!, t['scale']!, t['offset']!), ...batchMoments(t['x']!) }),
    specs,
  );
  assert.is(both.nodes.length, plain.nodes.length);
});

norm('its gradient passes over the activations five times, and shares what the way forward computed', () => {
  const large = (graph: ReturnType<typeof record>): number =>
    graph.nodes.filter(({ outputs }) => graph.values[outputs[0]!]!.shape.length === 4).length;
  const forward = record((t) => ({ y: batchNorm(t['x']!, t['scale']!, t['offset']!) }), specs);
  const both = record(
    (t) => {
      const parameters = [t['x']!, t['scale']!, t['offset']!] as const;
      const { value, gradients } = valueAndGradients(() => batchNorm(...parameters), parameters, t['dy']!);
      return { value, dx: gradients[0]!, dScale: gradients[1]!, dOffset: gradients[2]! };
    },
    { ...specs, dy: specs.x },
  );
  assert.is(large(forward), 4);
  assert.is(large(both) - large(forward), 5);
});

norm.run();
