// Blocked convolutions against their replay on tfjs's CPU backend: forward, both gradients, every window that
// makes blocks and some that do not, and the operators before and after them.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findBlockSize } from '../../../trainer/engine/block-size.ts';
import { record } from '../trace/checked-record.ts';
import { assertLowersRight } from './compare.ts';
import { decodeModel } from './decode-model.ts';
import { lower } from '../../../trainer/graph/lower/lower.ts';
import { Draw } from './kernel-cases/kernel-case.ts';
import { skipIf } from '../../shared/skip.ts';

await tf.setBackend('cpu');
const block = await findBlockSize();
const test = suite('blocked convolutions');

/** A convolution with both its gradients, as a graph. */
function withGradients(
  x: readonly number[],
  filter: readonly number[],
  strides: [number, number],
  pad: 'same' | 'valid',
  isDepthwise = false,
) {
  const spec = (shape: readonly number[]) => ({ shape, dtype: 'float32' as const });
  return record(
    (given) => {
      const [image, taps] = [given['x'] as tf.Tensor4D, given['filter'] as tf.Tensor4D];
      const convolve = (a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
        isDepthwise
          ? tf.depthwiseConv2d(a as tf.Tensor4D, b as tf.Tensor4D, strides, pad)
          : tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, strides, pad);
      const y = convolve(image, taps);
      const [dx, dfilter] = tf.grads(convolve)([image, taps], tf.tanh(y));
      return { y, dx: dx!, dfilter: dfilter! };
    },
    { x: spec(x), filter: spec(filter) },
  );
}

const inBlocks = skipIf(block === null, 'this processor has no blocked convolutions', test);
inBlocks('two blocks or one, any window: the convolution and both its gradients', async () => {
  const draw = new Draw(7);
  let transposed = 0;
  for (let i = 0; i < 60; i++) {
    const strides: [number, number] = [draw.integer(1, 3), draw.integer(1, 3)];
    const kernel = [draw.integer(1, 5), draw.integer(1, 5)];
    const shape = [
      draw.integer(1, 3),
      draw.integer(5, 9),
      draw.integer(5, 9),
      draw.pick([block!, 2 * block!, draw.integer(1, 3)]),
    ];
    const filterShape = [...kernel, shape[3]!, draw.pick([block!, 3 * block!])];
    const pad = draw.pick(['same', 'valid'] as const);
    const graph = withGradients(shape, filterShape, strides, pad);
    const inputs = { x: draw.floats(shape), filter: draw.floats(filterShape, -0.3, 0.3) };
    const what = `[${shape}] with [${filterShape}], strides ${strides}, ${pad}`;
    await assertLowersRight(graph, inputs, what, { block });
    const nodes = decodeModel(lower(graph, { block })).graph.node;
    assert.ok(
      nodes.some(({ domain, op_type }) => domain === 'com.microsoft.nchwc' && op_type === 'Conv'),
      what,
    );
    if (!nodes.some(({ op_type }) => op_type === 'ConvTranspose')) transposed++;
  }
  assert.ok(transposed > 10, `${transposed} transposed convolutions were blocked`);
});

inBlocks('a single channel whose rows and columns lie swapped broadcasts to images in blocks', async () => {
  const draw = new Draw(8);
  const inputs = {
    x: draw.floats([2, 5, 7, block!]),
    filter: draw.floats([3, 3, block!, block!]),
    swapped: draw.floats([1, 7, 5, 1]),
  };
  const graph = record(
    ({ x, filter, swapped }) => ({
      y: tf.add(
        tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same'),
        tf.transpose(swapped!, [0, 2, 1, 3]),
      ),
    }),
    inputs,
  );
  await assertLowersRight(graph, inputs, 'swapped', { block });
});

inBlocks(
  'depthwise, one output for each channel: the convolution and its gradient to the images',
  async () => {
    const draw = new Draw(8);
    let transposed = 0;
    for (let i = 0; i < 30; i++) {
      const stride = draw.integer(1, 3);
      const channels = draw.pick([block!, 3 * block!]);
      const shape = [draw.integer(1, 3), 2 * draw.integer(3, 5), 2 * draw.integer(3, 5), channels];
      const filterShape = [draw.integer(1, 5), draw.integer(1, 5), channels, 1];
      const pad = draw.pick(['same', 'valid'] as const);
      const graph = withGradients(shape, filterShape, [stride, stride], pad, true);
      const inputs = { x: draw.floats(shape), filter: draw.floats(filterShape, -0.3, 0.3) };
      const what = `[${shape}] with [${filterShape}], stride ${stride}, ${pad}`;
      await assertLowersRight(graph, inputs, what, { block });
      const nodes = decodeModel(lower(graph, { block })).graph.node;
      assert.ok(
        nodes.some(({ domain, op_type }) => domain === 'com.microsoft.nchwc' && op_type === 'Conv'),
        what,
      );
      if (!nodes.some(({ op_type }) => op_type === 'ConvTranspose')) transposed++;
    }
    assert.ok(transposed > 5, `${transposed} transposed convolutions were blocked`);
    // A filter with several outputs for a channel is none of these.
    const [shape, filter] = [
      [2, 6, 6, block!],
      [3, 3, block!, 2],
    ];
    const several = withGradients(shape, filter, [1, 1], 'same', true);
    await assertLowersRight(several, { x: draw.floats(shape), filter: draw.floats(filter) }, 'several', {
      block,
    });
  },
);

inBlocks('a filter of one pixel: its gradient is a matrix product', async () => {
  const draw = new Draw(9);
  for (const [channels, filters] of [
    [block!, 2 * block!],
    [3 * block!, block!],
    [3, block!],
  ] as const) {
    const [shape, filter] = [
      [2, 5, 6, channels],
      [1, 1, channels, filters],
    ];
    const graph = withGradients(shape, filter, [1, 1], 'same');
    const inputs = { x: draw.floats(shape), filter: draw.floats(filter, -0.3, 0.3) };
    await assertLowersRight(graph, inputs, `[${shape}] with [${filter}]`, { block });
    assert.ok(decodeModel(lower(graph, { block })).graph.node.some(({ op_type }) => op_type === 'MatMul'));
  }
});

test('without blocks the file is standard ONNX', () => {
  const graph = withGradients([2, 8, 8, 32], [4, 4, 32, 32], [2, 2], 'same');
  const nodes = decodeModel(lower(graph)).graph.node;
  assert.ok(nodes.every(({ domain }) => domain === undefined || domain === ''));
});

test.run();
