// Constants on tfjs's tape, and gradients that are zero where nothing leads.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { registerGradients } from '../../../trainer/graph/trace/gradients/register.ts';
import { record } from './checked-record.ts';
import { detached, stopGradient } from '../../../trainer/graph/trace/stop-gradient.ts';
import { valueAndGradients } from '../../../trainer/graph/trace/value-and-gradients.ts';

await tf.setBackend('cpu');
registerGradients();

const stop = suite('stopGradient and valueAndGradients');

stop('stopGradient() gives the same values and cuts its own path only', () => {
  tf.tidy(() => {
    const x = tf.tensor1d([1, -2, 3]);
    assert.equal([...stopGradient(x).dataSync()], [1, -2, 3]);
    // x·stop(x²): the derivative is x² alone.
    const g = tf.grad((t) => tf.mul(t, stopGradient(tf.square(t))))(x);
    assert.equal([...g.dataSync()], [1, 4, 9]);
  });
});

stop('a straight-through rounding has gradient one', () => {
  tf.tidy(() => {
    const g = tf.grad((t) => tf.add(t, stopGradient(tf.sub(tf.round(t), t))))(tf.tensor1d([0.25, 1.75]));
    assert.equal([...g.dataSync()], [1, 1]);
  });
});

stop('what is computed in detached() is a constant', () => {
  tf.tidy(() => {
    const x = tf.tensor1d([0.5, 2]);
    const g = tf.grad((t) =>
      tf.mul(
        t,
        detached(() => tf.exp(t)),
      ),
    )(x);
    assert.ok(Math.abs(g.dataSync()[1]! - Math.exp(2)) < 1e-5);
  });
});

stop('a tensor that the value does not depend on has gradient zero, in its shape', () => {
  tf.tidy(() => {
    const x = tf.tensor1d([1, 2]);
    const other = tf.zeros([2, 3]);
    const { value, gradients } = valueAndGradients(() => tf.sum(tf.square(x)), [x, other, x]);
    assert.is(value.dataSync()[0], 5);
    assert.equal([...gradients[0]!.dataSync()], [2, 4]);
    assert.equal(gradients[1]!.shape, [2, 3]);
    assert.equal([...gradients[1]!.dataSync()], [0, 0, 0, 0, 0, 0]);
    assert.equal([...gradients[2]!.dataSync()], [2, 4]);
  });
});

stop('valueAndGradients() takes the gradient at the value, and keeps no tensor', () => {
  const before = tf.memory().numTensors;
  const [x, dy] = [tf.tensor1d([1, 2]), tf.tensor1d([10, 100])];
  const { value, gradients } = valueAndGradients(() => tf.square(x), [x], dy);
  assert.equal([...gradients[0]!.dataSync()], [20, 400]);
  tf.dispose([x, dy, value, gradients]);
  assert.is(tf.memory().numTensors, before);
});

stop('no convolution is spent on the zero derivative of a mask', () => {
  const specs = {
    x: { shape: [2, 8, 8, 3], dtype: 'float32' },
    w: { shape: [4, 4, 3, 5], dtype: 'float32' },
  } as const;
  const graph = record((inputs) => {
    const { x, w } = inputs as { x: tf.Tensor4D; w: tf.Tensor4D };
    const logits = (): tf.Tensor => tf.sum(tf.leakyRelu(tf.conv2d(x, w, 2, 'same'), 0.2));
    const penalty = (): tf.Tensor => tf.sum(tf.square(valueAndGradients(logits, [x]).gradients[0]!));
    return { w: valueAndGradients(penalty, [w]).gradients[0]! };
  }, specs);
  // The activations, the slope at the images, and the slope's own gradient at the filter.
  assert.equal(
    graph.nodes.map(({ kernel }) => kernel).filter((kernel) => kernel.startsWith('Conv2D')),
    ['Conv2D', 'Conv2DBackpropInput', 'Conv2DBackpropFilter'],
  );
});

stop.run();
