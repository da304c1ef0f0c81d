// Recording: functions become graphs, and values that would be frozen into the graph are refused.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Graph, TensorSpec } from '../../../trainer/graph/trace/graph.ts';
import { record } from './checked-record.ts';

const float = (...shape: number[]): TensorSpec => ({ shape, dtype: 'float32' });
const kernels = (graph: Graph): string[] => graph.nodes.map((node) => node.kernel);
/** Messages are matched, for a throw of any other kind would pass for the right one. */
const refuses = (fn: Parameters<typeof record>[0], message: RegExp, inputs = { x: float(2, 3) }): void =>
  assert.throws(() => record(fn, inputs), message);

const sharing = suite('record() shares and drops');

sharing('identical calls are one node, whatever the order of their attributes', () => {
  const graph = record(
    ({ x }) => {
      const run = (attrs: object): tf.Tensor =>
        tf.engine().runKernel('Sum', { x: x! }, attrs as tf.NamedAttrMap);
      return {
        a: tf.exp(x!),
        b: tf.exp(x!),
        c: run({ axis: 0, keepDims: true }),
        d: run({ keepDims: true, axis: 0 }),
      };
    },
    { x: float(2, 3) },
  );
  assert.equal(kernels(graph), ['Exp', 'Sum']);
  assert.is(graph.outputs['a'], graph.outputs['b']);
  assert.is(graph.outputs['c'], graph.outputs['d']);
});

sharing('calls that differ in an attribute are two nodes, also where JSON has one word for both', () => {
  const pad = (x: tf.Tensor, value: number): tf.Tensor =>
    tf.pad(
      x,
      [
        [0, 0],
        [1, 1],
      ],
      value,
    );
  const graph = record(
    ({ x }) => ({
      a: pad(x!, Infinity),
      b: pad(x!, -Infinity),
      c: pad(x!, NaN),
      d: pad(x!, 0),
      e: pad(x!, -0),
    }),
    { x: float(2, 3) },
  );
  assert.is(graph.nodes.length, 5);
});

sharing("a generator's forward pass is recorded once, however often it is asked for", () => {
  const layer = (x: tf.Tensor): tf.Tensor => tf.tanh(tf.matMul(x, x));
  const once = record(({ x }) => ({ y: layer(x!) }), { x: float(3, 3) });
  const twice = record(({ x }) => ({ y: tf.add(layer(x!), layer(x!)) }), { x: float(3, 3) });
  assert.is(twice.nodes.length, once.nodes.length + 1);
});

sharing('what leads to no output is dropped, inputs stay', () => {
  const graph = record(
    ({ x, unused }) => {
      tf.exp(tf.sin(x!));
      tf.cos(unused!);
      return { y: tf.neg(x!) };
    },
    { x: float(2), unused: float(3) },
  );
  assert.equal(kernels(graph), ['Neg']);
  assert.equal(Object.keys(graph.inputs), ['x', 'unused']);
});

sharing('equal literals are one constant; one number everywhere is kept as that number', () => {
  const graph = record(
    ({ x }) => ({
      a: tf.add(x!, tf.tensor1d([1, 2])),
      b: tf.mul(x!, tf.tensor1d([1, 2])),
      c: tf.sub(x!, tf.tensor1d([3, 3])),
      d: tf.maximum(x!, tf.fill([2], 3)),
    }),
    { x: float(2) },
  );
  const constants = graph.values.flatMap(({ source }) =>
    source.kind === 'constant' ? [source.constant] : [],
  );
  assert.equal(constants, [
    { kind: 'data', data: Float32Array.of(1, 2) },
    { kind: 'fill', value: 3 },
  ]);
});

sharing('zero and minus zero, and a number and its neighbours, are different constants', () => {
  const graph = record(
    ({ x }) => ({
      a: tf.maximum(x!, 0),
      b: tf.maximum(x!, -0),
      c: tf.maximum(x!, 1),
      d: tf.maximum(x!, 1 + 2 ** -23),
    }),
    { x: float() },
  );
  assert.is(graph.nodes.length, 4);
});

sharing('tf.range, tf.linspace and tf.eye are literals', () => {
  const graph = record(() => ({ a: tf.range(3, 0), b: tf.linspace(0, 1, 3), c: tf.eye(2) as tf.Tensor }), {});
  const data = Object.values(graph.outputs).map((id) => {
    const { source } = graph.values[id]!;
    return source.kind === 'constant' && source.constant.kind === 'data' ? [...source.constant.data] : null;
  });
  assert.equal(data, [
    [3, 2, 1],
    [0, 0.5, 1],
    [1, 0, 0, 1],
  ]);
  assert.is(graph.nodes.length, 0);
});

sharing('a literal is not moved by what its array becomes afterwards', () => {
  const values = Float32Array.of(1, 2);
  const graph = record(
    ({ x }) => {
      const y = tf.add(x!, tf.tensor1d(values));
      values[0] = 9;
      return { y };
    },
    { x: float(2) },
  );
  const constant = graph.values.find(({ source }) => source.kind === 'constant')!;
  assert.equal(constant.source, {
    kind: 'constant',
    constant: { kind: 'data', data: Float32Array.of(1, 2) },
  });
});

sharing('nodes come after their inputs and name the op that asked for them', () => {
  const graph = record(({ x }) => ({ y: tf.softplus(tf.leakyRelu(x!)) }), { x: float(2) });
  assert.equal(
    graph.nodes.map(({ kernel, op }) => [kernel, op]),
    [
      ['LeakyRelu', 'leakyRelu'],
      ['Softplus', 'softplus'],
    ],
  );
  graph.nodes.forEach((node, i) => {
    for (const id of Object.values(node.inputs)) {
      const { source } = graph.values[id]!;
      if (source.kind === 'node') assert.ok(source.node < i);
    }
  });
});

sharing('a gradient is recorded with the function', () => {
  const graph = record(({ x }) => ({ g: tf.grad((t: tf.Tensor) => tf.sum(tf.square(t)))(x!) }), {
    x: float(2),
  });
  assert.equal(kernels(graph), ['Multiply']);
});

const refusing = suite('record() refuses');

refusing('a kernel that it does not know, with the op that asked for it', () => {
  refuses(
    ({ x }) => ({ y: tf.topk(x!).values }),
    /kernel 'TopK' \(asked for by tf\.topk\) cannot be recorded/,
  );
});

refusing('a type that a kernel is not meant for', () => {
  refuses(
    ({ x }) => ({ y: tf.engine().runKernel('Sqrt', { x: tf.cast(x!, 'int32') }) as tf.Tensor }),
    /kernel 'Sqrt' \(asked for by an op\): got int32, expected float32/,
  );
  refuses(() => ({ y: tf.scalar('a') }), /got a tensor of type string, expected float32, int32, bool/);
});

refusing('shapes that do not fit, with the op', () => {
  refuses(
    ({ x }) => ({ y: tf.engine().runKernel('Add', { a: x!, b: tf.zeros([4]) }) as tf.Tensor }),
    /kernel 'Add' \(asked for by an op\): Operands could not be broadcast/,
  );
});

refusing('an eager tensor, which would be frozen in the graph', () => {
  const eager = tf.ones([2, 3]);
  refuses(
    ({ x }) => ({ y: tf.mul(x!, eager) }),
    /tf\.mul met a tensor that does not belong to this recording/,
  );
  assert.equal([...eager.dataSync()], [1, 1, 1, 1, 1, 1], 'and the tensor is still where it was');
  eager.dispose();
});

refusing('a tensor of an earlier recording', () => {
  let old: tf.Tensor | undefined;
  record(({ x }) => ({ y: (old = tf.keep(tf.exp(x!))) }), { x: float(2, 3) });
  refuses(
    ({ x }) => ({ y: tf.add(x!, old!) }),
    /tf\.add met a tensor that does not belong to this recording/,
  );
  refuses(() => ({ y: old! }), /output 'y' is a tensor that was not made by this recording/);
  old!.dispose();
});

for (const [name, draw] of Object.entries<(x: tf.Tensor) => tf.Tensor>({
  randomNormal: () => tf.randomNormal([2]),
  randomUniform: () => tf.randomUniform([2]),
  randomUniformInt: () => tf.randomUniformInt([2], 0, 5),
  randomStandardNormal: () => tf.randomStandardNormal([2]),
  randomGamma: () => tf.randomGamma([2], 1),
  truncatedNormal: () => tf.truncatedNormal([2]),
  rand: () => tf.rand([2], Math.random),
  dropout: (x) => tf.dropout(x, 0.5),
})) {
  refusing(`tf.${name}, which would draw once and for ever`, () => {
    refuses(({ x }) => ({ y: draw(x!) }), new RegExp(`tf\\.${name} was called while recording`));
  });
}

refusing('tf.multinomial, by its kernel', () => {
  refuses(
    ({ x }) => ({ y: tf.multinomial(x as tf.Tensor2D, 2) }),
    /kernel 'Multinomial'.* cannot be recorded/,
  );
});

refusing('code that asks for values', () => {
  refuses(({ x }) => ({ y: tf.scalar(x!.dataSync()[0]!) }), /asked for values while recording/);
});

refusing('an async function, an output that is no tensor, and a recording within a recording', () => {
  refuses((async () => ({})) as never, /got an async function/);
  refuses(() => ({ y: 3 as never }), /output 'y' is not a tensor/);
  refuses(({ x }) => {
    record(() => ({}), {});
    return { y: x! };
  }, /record\(\) was called inside of a function that is being recorded/);
});

const leaving = suite('record() leaves tfjs as it was');

leaving('there are as many tensors afterwards as before, also after a throw', () => {
  tf.setBackend('cpu');
  const before = tf.memory();
  const f = ({ x }: Record<string, tf.Tensor>): Record<string, tf.Tensor> => {
    const value = tf.grads((a: tf.Tensor) => tf.sum(tf.tanh(tf.matMul(a, a))))([x!]);
    return { y: tf.add(value[0]!, 1) };
  };
  record(f, { x: float(3, 3) });
  assert.throws(() =>
    record(
      (inputs) => {
        f(inputs);
        throw new Error('stop');
      },
      { x: float(3, 3) },
    ),
  );
  const after = tf.memory();
  assert.is(after.numTensors, before.numTensors);
  assert.is(after.numDataBuffers, before.numDataBuffers);
  assert.is(after.numBytes, before.numBytes);
});

leaving('the backend that was in use is in use again, also after a throw', () => {
  tf.setBackend('cpu');
  record(({ x }) => ({ y: tf.neg(x!) }), { x: float(2) });
  assert.is(tf.getBackend(), 'cpu');
  assert.throws(() => record(() => ({ y: tf.randomNormal([2]) }), {}));
  assert.is(tf.getBackend(), 'cpu');
  assert.is(tf.findBackend('dcgan-recorder'), null, 'and the recorder is no backend of its own any more');
});

leaving('a function recorded twice gives the same graph twice', () => {
  const once = (): Graph => record(({ x }) => ({ y: tf.mean(tf.square(tf.sub(x!, 1))) }), { x: float(2, 3) });
  assert.equal(once(), once());
});

sharing.run();
refusing.run();
leaving.run();
