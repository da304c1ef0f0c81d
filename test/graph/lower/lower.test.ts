// Lowered models as wholes: names, weights, layouts, a symbolic batch, and a training step against its replay.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { nextName } from '../../../trainer/engine/state-function.ts';
import { halfBits } from '../../../trainer/graph/lower/half.ts';
import { nchw, oihw } from '../../../trainer/graph/lower/layout.ts';
import { lower } from '../../../trainer/graph/lower/lower.ts';
import type { Graph, HostTensor } from '../../../trainer/graph/trace/graph.ts';
import { record } from '../trace/checked-record.ts';
import { replay } from '../../../trainer/graph/trace/replay.ts';
import { smallConfig } from '../../shared/small-config.ts';
import { assertLowersRight, assertSameTensor } from './compare.ts';
import { decodeModel } from './decode-model.ts';
import { Draw } from './kernel-cases/kernel-case.ts';
import { recordedStep } from './recorded-step.ts';
import { runLowered, runModel } from './run-graph.ts';

await tf.setBackend('cpu');

const draw = new Draw(11);
const images = draw.floats([2, 5, 5, 3]);
const filter = draw.floats([3, 3, 3, 4]);
const conv = ({ x, w }: Record<string, tf.Tensor>): Record<string, tf.Tensor> => ({
  y: tf.relu(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, 'same')),
});
const convolution = record(conv, { x: images, w: filter });
const operators = (model: Uint8Array): string[] =>
  decodeModel(model).graph.node.map(({ op_type }) => op_type);

const lowering = suite('lower()');

lowering('weights become initialisers under their own names, and lie as convolutions want them', async () => {
  const model = lower(convolution, { weights: { w: filter }, layouts: { x: nchw, y: nchw } });
  const { graph } = decodeModel(model);
  assert.equal(
    graph.input.map(({ name }) => name),
    ['x'],
  );
  assert.equal(
    graph.initializer.map(({ name }) => name),
    ['w'],
  );
  assert.equal(operators(model), ['Conv', 'Relu']);
  const expected = await replay(convolution, { x: images, w: filter });
  const actual = await runLowered(convolution, { x: images }, { weights: { w: filter } });
  assertSameTensor(actual['y']!, expected['y']!, 'y');
});

lowering('half weights take half the bytes and mean what half precision holds; small ones stay', async () => {
  const large = draw.floats([3, 3, 3, 20]);
  const wide = record(conv, { x: images, w: large });
  const halved = (w: HostTensor) => ({ weights: { w }, halfWeights: true });
  const stored = (model: Uint8Array): number => decodeModel(model).graph.initializer[0]!.raw_data.length;
  assert.is(stored(lower(wide, halved(large))), large.data.length * 2);
  assert.is(stored(lower(convolution, halved(filter))), filter.data.length * 4);
  const rounded = { ...large, data: (large.data as Float32Array).map(throughHalf) };
  const expected = await replay(wide, { x: images, w: rounded });
  assertSameTensor((await runLowered(wide, { x: images }, halved(large)))['y']!, expected['y']!, 'y');
});

lowering('inputs and outputs lie as they are asked to', async () => {
  const swapped = record(({ x }) => ({ y: tf.mul(x!, 2) }), { x: images });
  const model = lower(swapped, { layouts: { x: nchw, y: oihw } });
  const planes = { shape: [2, 3, 5, 5], dtype: 'float32' as const, data: transposedImages() };
  const { y } = await runModel(model, { x: planes });
  assert.equal(y!.shape, [3, 5, 2, 5]);
  const expected = tf.tidy(() => tf.transpose(tf.mul(tensorOf(images), 2), [...oihw]).dataSync());
  assert.equal(y!.data, expected);
});

lowering('a convolution, batch norm and activation in a row have no transpose between them', () => {
  const graph = record(
    ({ x, w, v }) => {
      const norm = (t: tf.Tensor): tf.Tensor => {
        const { mean, variance } = tf.moments(t, [0, 1, 2]);
        return tf.leakyRelu(tf.mul(tf.sub(t, mean), tf.rsqrt(tf.add(variance, 1e-5))));
      };
      const first = norm(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same'));
      return { y: norm(tf.conv2d(first as tf.Tensor4D, v as tf.Tensor4D, 1, 'same')) };
    },
    { x: images, w: filter, v: draw.floats([3, 3, 4, 2]) },
  );
  const model = lower(graph, { layouts: { x: nchw, w: oihw, v: oihw, y: nchw } });
  assert.equal(
    operators(model).filter((op) => op === 'Transpose'),
    [],
  );
});

lowering('an output may be an input, a constant, or another output', async () => {
  const graph = record(
    ({ x }) => {
      const y = tf.exp(x!);
      return { y, same: y, input: x!, constant: tf.tensor1d([1, 2]), fill: tf.fill([300], 3) };
    },
    { x: images },
  );
  await assertLowersRight(graph, { x: images }, 'outputs');
});

lowering('values of no elements are lowered', async () => {
  const graph = record(
    ({ x }) => ({ y: tf.concat([tf.reshape(tf.exp(x!), [0, 2]), tf.ones([3, 2])]), sum: tf.sum(x!) }),
    { x: { shape: [2, 0], dtype: 'float32' } },
  );
  await assertLowersRight(graph, { x: draw.floats([2, 0]) }, 'nothing');
});

lowering('only what leads to an output is written', () => {
  const { graph } = decodeModel(lower(convolution));
  const read = new Set(graph.node.flatMap(({ input }) => input));
  for (const { name, output } of graph.node) {
    assert.ok(
      output.some((value) => read.has(value) || value === 'y'),
      `${name} is read`,
    );
  }
  for (const { name } of graph.initializer) assert.ok(read.has(name), `${name} is read`);
});

lowering('nodes are named for the tfjs ops that asked for them, each by a name of its own', () => {
  const { graph } = decodeModel(lower(convolution, { name: 'layer' }));
  const names = graph.node.map(({ name }) => name);
  assert.is(graph.name, 'layer');
  assert.is(new Set(names).size, names.length);
  assert.ok(names.includes('conv2d/Conv'));
});

lowering('metadata is kept, and the opset is the standard one', () => {
  const model = decodeModel(lower(convolution, { metadata: { seed: '7' } }));
  assert.equal(model.metadata_props, [{ key: 'seed', value: '7' }]);
  assert.equal(
    model.opset_import.map(({ version }) => Number(version)),
    [20],
  );
});

lowering('the same graph gives the same bytes', () => {
  assert.equal(lower(record(conv, { x: images, w: filter })), lower(convolution));
});

lowering('a scalar literal and an equal operation are written once', () => {
  const graph = record(({ x, w }) => ({ a: tf.add(x!, 3), b: tf.mul(w!, 3) }), { x: images, w: filter });
  assert.is(decodeModel(lower(graph)).graph.initializer.length, 1);
});

lowering('a large literal of one number is written as that number', () => {
  const graph = record(({ x }) => ({ y: tf.concat([x!, tf.ones([2, 5, 5, 3])]) }), { x: images });
  assert.ok(lower(graph).length < 1000);
});

lowering('a kernel without a rule, a weight of another shape and a name used twice are refused', () => {
  const unknown: Graph = {
    ...convolution,
    nodes: convolution.nodes.map((node) => ({ ...node, kernel: 'Nonsense' })),
  };
  assert.throws(() => lower(unknown), /kernel 'Nonsense' \(asked for by tf\.conv2d\) cannot be lowered/);
  assert.throws(
    () => lower(convolution, { weights: { w: images } }),
    /weight 'w' is \[2,5,5,3\], expected \[3,3,3,4\]/,
  );
  const twice = record(({ x }) => ({ x: tf.exp(x!) }), { x: images });
  assert.throws(() => lower(twice), /two values named 'x'/);
});

for (const [name, changes] of Object.entries({
  'the default': {},
  'joined batches, upsampling, dense heads, kernel 5': {
    discriminatorBatch: 'joined',
    upsampling: 'nearest',
    head: 'dense',
    kernel: 5,
  },
  'minimax, dropout': { objective: 'minimax', dropout: 0.3 },
} as const)) {
  lowering(`a whole training step of DCGAN (${name}) gives what its replay gives`, async () => {
    const { graph, inputs } = recordedStep({ ...smallConfig, ...changes });
    const expected = await replay(graph, inputs);
    const actual = await runLowered(graph, inputs);
    // Adam's first step divides gradients by their size: parameters say little, moments all.
    for (const [key, tensor] of Object.entries(expected)) {
      const isMoment = key.startsWith(nextName('moments/'));
      assertSameTensor(actual[key]!, tensor, key, isMoment || key.startsWith('output/') ? 1e-4 : 1e-2);
    }
  });
}

/** The images' values plane by plane. */
function transposedImages(): Float32Array {
  return tf.tidy(() => tf.transpose(tensorOf(images), [0, 3, 1, 2]).dataSync<'float32'>());
}

function tensorOf({ data, shape, dtype }: HostTensor): tf.Tensor {
  return tf.tensor(data, [...shape], dtype);
}

/** A number as half precision holds it. */
function throughHalf(value: number): number {
  const bits = halfBits(value);
  const exponent = (bits >> 10) & 31;
  const size = exponent === 0 ? (bits & 1023) * 2 ** -24 : (1 + (bits & 1023) / 1024) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -size : size;
}

lowering.run();
