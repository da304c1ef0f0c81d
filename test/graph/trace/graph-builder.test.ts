// The graph builder: merged nodes, dropped nodes and refusals.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TensorSpec, ValueId } from '../../../trainer/graph/trace/graph.ts';
import { GraphBuilder } from '../../../trainer/graph/trace/graph-builder.ts';

const spec: TensorSpec = { shape: [2], dtype: 'float32' };
const unary = (builder: GraphBuilder, kernel: string, x: ValueId): ValueId =>
  builder.addNode(kernel, { x }, {}, 'test')[0]!;

const building = suite('GraphBuilder');

building('build() may be called for one output after another, and each graph is complete', () => {
  const builder = new GraphBuilder();
  const x = builder.addInput('x', spec);
  const a = unary(builder, 'Exp', x);
  const b = unary(builder, 'Sin', a);
  const first = builder.build({ a });
  const second = builder.build({ b });
  assert.equal(
    first.nodes.map(({ kernel }) => kernel),
    ['Exp'],
  );
  assert.equal(
    second.nodes.map(({ kernel }) => kernel),
    ['Exp', 'Sin'],
  );
  assert.is(first.values.length, 2);
});

building('values are numbered without gaps, and each knows its node and output', () => {
  const builder = new GraphBuilder();
  const x = builder.addInput('x', { shape: [2, 3], dtype: 'float32' });
  unary(builder, 'Exp', x); // leads nowhere
  const rows = builder.addNode('Unpack', { value: x }, { axis: 0 }, 'unstack');
  const graph = builder.build({ y: rows[1]! });
  assert.equal(
    graph.values.map(({ id }) => id),
    [0, 1, 2],
  );
  assert.equal(graph.values[graph.outputs['y']!]!.source, { kind: 'node', node: 0, output: 1 });
  assert.equal(graph.nodes[0]!.outputs, [1, 2]);
});

building('an output may have several names, and be an input or a constant', () => {
  const builder = new GraphBuilder();
  const x = builder.addInput('x', spec);
  const c = builder.addFill(spec, 2);
  const graph = builder.build({ a: x, b: x, c });
  assert.equal(graph.outputs, { a: 0, b: 0, c: 1 });
  assert.is(graph.nodes.length, 0);
});

building('the order of input names does not make a call another one', () => {
  const builder = new GraphBuilder();
  const [x, y] = [builder.addInput('x', spec), builder.addInput('y', spec)];
  const sub = (inputs: Record<string, ValueId>): ValueId => builder.addNode('Sub', inputs, {}, 'sub')[0]!;
  assert.is(sub({ a: x, b: y }), sub({ b: y, a: x }));
  assert.is.not(sub({ a: x, b: y }), sub({ a: y, b: x }));
});

building('literals are equal only in shape, type and every bit', () => {
  const builder = new GraphBuilder();
  const add = (shape: number[], ...data: number[]): ValueId =>
    builder.addConstant({ shape, dtype: 'float32', data: Float32Array.from(data) });
  assert.is(add([2], 1, 2), add([2], 1, 2));
  assert.is.not(add([2], 1, 2), add([2, 1], 1, 2));
  assert.is.not(add([2], 1, 0), add([2], 1, -0));
  assert.is(add([2], NaN, 1), add([2], NaN, 1));
  const ints = builder.addConstant({ shape: [2], dtype: 'int32', data: Int32Array.of(1, 2) });
  assert.is.not(ints, add([2], 1, 2));
  // Literals of any size are shared.
  const many = Array.from({ length: 1000 }, (_, i) => Math.sin(i));
  assert.is(add([1000], ...many), add([1000], ...many));
  assert.is.not(add([1000], ...many), add([1000], ...many.slice(1), 2));
  assert.is.not(add([1000], ...many), add([10, 100], ...many));
});

building('an input name that is in use is refused', () => {
  const builder = new GraphBuilder();
  builder.addInput('x', spec);
  assert.throws(() => builder.addInput('x', spec), /graph input 'x' is given twice/);
});

building('a kernel that is not in the table, and shapes that it refuses, are errors that name it', () => {
  const builder = new GraphBuilder();
  const x = builder.addInput('x', spec);
  assert.throws(
    () => unary(builder, 'Nonsense', x),
    /kernel 'Nonsense' \(asked for by tf\.test\) cannot be recorded/,
  );
  assert.throws(
    () => builder.addNode('Reshape', { x }, { shape: [3] }, 'reshape'),
    /kernel 'Reshape' \(asked for by tf\.reshape\): /,
  );
});

building.run();
