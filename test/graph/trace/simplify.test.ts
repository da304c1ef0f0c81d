// Ops without an effect are not recorded: checked in the graph, and by unchanged values.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Graph, TensorSpec } from '../../../trainer/graph/trace/graph.ts';
import { record } from './checked-record.ts';
import { stored } from '../../../trainer/graph/trace/simplify.ts';

type T = tf.Tensor;
const spec: TensorSpec = { shape: [2, 3], dtype: 'float32' };
const recorded = (fn: (x: T) => T, input = spec): Graph => record(({ x }) => ({ y: fn(x!) }), { x: input });

const same = suite('a call that changes nothing is its input');

for (const [name, fn] of Object.entries<(x: T) => T>({
  'a reshape to the same shape': (x) => tf.reshape(x, [2, 3]),
  'a cast to the same type': (x) => tf.cast(x, 'float32'),
  'a slice of everything': (x) => tf.slice(x, [0, 0], [2, 3]),
  'one copy': (x) => tf.tile(x, [1, 1]),
  'a broadcast to the same shape': (x) => tf.broadcastTo(x, [2, 3]),
  'a transpose that keeps the order': (x) => tf.transpose(x, [0, 1]),
  'a sum over no axes': (x) => tf.sum(x, []),
  'times one': (x) => tf.mul(x, 1),
  'one times': (x) => tf.mul(tf.ones([3]), x),
  'divided by one': (x) => tf.div(x, tf.onesLike(x)),
  'plus zero': (x) => tf.add(x, 0),
  'zero plus': (x) => tf.add(tf.zeros([2, 1]), x),
  'minus zero': (x) => tf.sub(x, tf.zerosLike(x)),
  'a clone': (x) => tf.clone(x),
})) {
  same(name, () => {
    const graph = recorded(fn);
    assert.is(graph.nodes.length, 0);
    assert.is(graph.outputs['y'], graph.inputs['x']);
  });
}

const kept = suite('a call that changes something stays');

for (const [name, fn] of Object.entries<(x: T) => T>({
  'times one that is larger': (x) => tf.mul(x, tf.ones([4, 2, 3])),
  'divided by one that is larger': (x) => tf.div(x, tf.ones([4, 2, 3])),
  'plus zero that is larger': (x) => tf.add(x, tf.zeros([4, 2, 3])),
  'minus zero that is larger': (x) => tf.sub(x, tf.zeros([4, 2, 3])),
  'zero minus': (x) => tf.sub(0, x),
  'one divided by': (x) => tf.div(1, x),
  'a reshape': (x) => tf.reshape(x, [3, 2]),
  'a transpose': (x) => tf.transpose(x),
  'every other of one': (x) => tf.reverse(x, 0),
  'a sum over an axis of length one': (x) => tf.sum(tf.slice(x, [0, 0], [2, 1]), 1),
})) {
  kept(name, () => assert.ok(recorded(fn).nodes.length > 0));
}

kept('a transpose of a square', () => {
  const graph = recorded((x) => tf.transpose(x), { shape: [3, 3], dtype: 'float32' });
  assert.is(graph.nodes.length, 1);
});

kept('times one of another type changes the type', () => {
  const graph = recorded((x) => tf.mul(x, 1), { shape: [2], dtype: 'int32' });
  assert.equal(
    graph.nodes.map(({ kernel }) => kernel),
    ['Cast'],
  );
  assert.is(graph.values[graph.outputs['y']!]!.dtype, 'float32');
});

const folded = suite('a call on constants that are one number is such a constant');

for (const [name, [fn, value]] of Object.entries<[() => T, number]>({
  neg: [() => tf.neg(tf.fill([2], 3)), -3],
  sqrt: [() => tf.sqrt(tf.fill([2], 2)), Math.fround(Math.SQRT2)],
  rsqrt: [() => tf.rsqrt(tf.fill([2], 4)), 0.5],
  square: [() => tf.square(tf.fill([2], 3)), 9],
  sum: [() => tf.add(tf.fill([2], 0.1), 0.2), Math.fround(Math.fround(0.1) + Math.fround(0.2))],
  'difference of whole numbers': [() => tf.sub(tf.fill([2], 3, 'int32'), tf.scalar(5, 'int32')), -2],
  'overflow of whole numbers': [() => tf.mul(tf.fill([2], 65536, 'int32'), tf.scalar(65536, 'int32')), 0],
  quotient: [() => tf.div(tf.fill([2], 1), 3), Math.fround(1 / 3)],
  maximum: [() => tf.maximum(tf.fill([2], 1), 3), 3],
  'cast down': [() => tf.cast(tf.fill([2], -1.7), 'int32'), -1],
  'cast to bool': [() => tf.cast(tf.fill([2], 0.5), 'bool'), 1],
  'reshape of a reversed transpose': [() => tf.reverse(tf.transpose(tf.reshape(tf.fill([2], 7), [1, 2]))), 7],
  tile: [() => tf.tile(tf.fill([2], 7), [3]), 7],
  onesLike: [() => tf.onesLike(tf.tensor1d([4, 5])), 1],
})) {
  folded(name, () => {
    const graph = record(() => ({ y: fn() }), {});
    assert.is(graph.nodes.length, 0);
    const { source } = graph.values[graph.outputs['y']!]!;
    assert.equal(source, { kind: 'constant', constant: { kind: 'fill', value } });
  });
}

folded('a constant with several values is left to the engine', () => {
  const graph = record(() => ({ y: tf.neg(tf.tensor1d([1, 2])) }), {});
  assert.is(graph.nodes.length, 1);
});

folded('stored() keeps what a tensor of the type would', () => {
  assert.is(stored(0.1, 'float32'), Math.fround(0.1));
  assert.is(stored(-1.7, 'int32'), Int32Array.of(-1.7)[0]);
  assert.is(stored(2 ** 32 + 3, 'int32'), Int32Array.of(2 ** 32 + 3)[0]);
  assert.is(stored(NaN, 'int32'), 0);
  assert.is(stored(0.5, 'bool'), 1);
});

same.run();
kept.run();
folded.run();
